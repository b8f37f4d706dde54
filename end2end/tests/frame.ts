// The frame of every page: its navigation, which is behind a menu where the screen is narrow, and the person's own menu.

import type { Locator, Page } from "@playwright/test";

/** The navigation, with the menu open that holds it on a narrow screen. */
export async function navigation(page: Page): Promise<Locator> {
  await openMenu(page);
  return page.getByRole("navigation", { name: "Portal" });
}

/** Opens the signed-in person's menu. */
export async function openPersonMenu(page: Page): Promise<void> {
  await openMenu(page);
  await page.getByRole("banner").locator("details.me > summary").click();
}

export async function signOut(page: Page): Promise<void> {
  await openPersonMenu(page);
  await page.getByRole("banner").getByRole("button", { name: "Sign out" }).click();
}

export async function openMenu(page: Page): Promise<void> {
  const menu = page.getByRole("banner").getByLabel("Menu", { exact: true });
  if (await menu.isVisible()) await menu.click();
}

// The versions on a connector's page: one line each, which opens to the form that shares it.

import type { Locator, Page } from "@playwright/test";

/** Opens a version's line; returns its form. */
export async function openVersion(page: Page, version: number): Promise<Locator> {
  const line = page.locator(`details:has(> #version-${version})`);
  if ((await line.getAttribute("open")) === null) await line.locator("> summary").click();
  return page.getByRole("form", { name: `Version ${version}`, exact: true });
}

/** Opens the newest version's line; returns its form. */
export async function openNewestVersion(page: Page): Promise<Locator> {
  const line = page.locator("details.ver").first();
  if ((await line.getAttribute("open")) === null) await line.locator("> summary").click();
  return line.getByRole("form");
}

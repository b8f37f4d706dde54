// Finding things: Ctrl K with JavaScript, the same box as a page without.

import { expect, test } from "../fixtures";
import { openMenu } from "./frame";

/** A connection of the team's list, which the page has read by then. */
async function aConnection(operator: import("@playwright/test").Page, team: { slug: string }): Promise<string> {
  await operator.goto(`/teams/${team.slug}/connections`);
  const name = await operator.locator("main table tbody th a").first().textContent();
  return (name ?? "").trim();
}

test("a connection is found by its name from any page", async ({ operator, team, javaScriptEnabled }) => {
  const name = await aConnection(operator, team);
  await operator.goto("/account", { waitUntil: "networkidle" });
  if (javaScriptEnabled) {
    await operator.keyboard.press("ControlOrMeta+k");
    const dialog = operator.getByRole("dialog", { name: "Search or jump to" });
    await dialog.getByRole("searchbox").fill(name);
    await expect(dialog.getByRole("list", { name: "Connections" }).getByRole("link", { name }).first()).toBeVisible();
    // The best result is the first one, and Enter opens it.
    await operator.keyboard.press("Enter");
  } else {
    const box = operator.getByRole("search");
    await openMenu(operator);
    await box.getByRole("searchbox").fill(name);
    await box.getByRole("searchbox").press("Enter");
    await expect(operator).toHaveURL(/\/search\?q=/);
    await operator.getByRole("list", { name: "Connections" }).getByRole("link", { name }).first().click();
  }
  await expect(operator).toHaveURL(/\/connections\/\d+$/);
  await expect(operator.getByRole("heading", { level: 1 })).toContainText(name);
});

test("the keyboard moves through the palette, and what was opened comes first the next time", async ({ operator, team, javaScriptEnabled }) => {
  await aConnection(operator, team);
  await operator.goto("/account", { waitUntil: "networkidle" });
  await operator.keyboard.press("ControlOrMeta+k");
  if (!javaScriptEnabled) {
    await expect(operator.getByRole("dialog")).toHaveCount(0);
    return;
  }
  const dialog = operator.getByRole("dialog", { name: "Search or jump to" });
  await dialog.getByRole("searchbox").fill("audit");
  const goTo = dialog.getByRole("list", { name: "Go to" });
  await expect(goTo.getByRole("link", { name: "Audit log" })).toBeVisible();
  await operator.keyboard.press("ArrowUp");
  await expect(dialog.getByRole("link").last()).toBeFocused();
  await operator.keyboard.press("ArrowDown");
  await expect(dialog.getByRole("searchbox")).toBeFocused();
  await goTo.getByRole("link", { name: "Audit log" }).click();
  await expect(operator).toHaveURL(/\/audit$/);
  await operator.waitForLoadState("networkidle");
  await operator.keyboard.press("ControlOrMeta+k");
  await expect(dialog.getByRole("list", { name: "Recent" }).getByRole("link").first()).toHaveText("Audit log");
  await operator.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("what somebody stored under the palette's name is no link to another site", async ({ operator, javaScriptEnabled }) => {
  // Nothing is stored without scripts.
  if (!javaScriptEnabled) return;
  await operator.goto("/account", { waitUntil: "networkidle" });
  const bad = [{ label: "x", href: "//evil.example" }, { label: "y", href: "javascript:alert(1)" }, { label: 1, href: "/a" }, null];
  await operator.evaluate((stored) => localStorage.setItem("palette-recent", JSON.stringify(stored)), bad);
  await operator.keyboard.press("ControlOrMeta+k");
  const dialog = operator.getByRole("dialog", { name: "Search or jump to" });
  await expect(dialog.getByRole("list", { name: "Go to" })).toBeVisible();
  await expect(dialog.getByRole("list", { name: "Recent" })).toHaveCount(0);
});

test("on a phone the bar has the search, without opening the menu", async ({ operator, team, javaScriptEnabled, viewport }) => {
  await operator.goto(`/teams/${team.slug}/connectors`, { waitUntil: "networkidle" });
  const link = operator.getByRole("link", { name: "Search", exact: true });
  if (viewport!.width >= 1024) return void (await expect(link).toBeHidden());
  await link.click();
  if (javaScriptEnabled) await expect(operator.getByRole("dialog", { name: "Search or jump to" }).getByRole("searchbox")).toBeFocused();
  else await expect(operator).toHaveURL(/\/search$/);
});

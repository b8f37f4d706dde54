// The auditor's week: an unreviewed operation is opened, flagged, answered, reviewed, and exported as evidence that an
// outsider can verify.

import { readFile } from "node:fs/promises";

import type { Page } from "@playwright/test";

import { expect, test } from "../fixtures";
import { verifyBundle, type Team } from "../portal";
import { missing } from "./choose";
import { navigation } from "./frame";
import { rowsOf } from "./lists";
import { post } from "./posts";

const LOG = "Operations, newest first";

test("an operation is opened, flagged, answered, reviewed, exported and verified", async ({
  auditor,
  operator,
  team,
  portal,
}) => {
  const title = await suppressOne(operator, team);

  // Unreviewed operations.
  await auditor.goto(`/audit?team=${team.slug}&action=connector.suppress&reviewed=no`);
  await expect(rowsOf(auditor, LOG)).toContainText([`Olga Operator suppressed ${title}`]);
  // The day's heading counts its operations, too.
  await expect(auditor.getByText("1 operation", { exact: true }).and(auditor.locator("span"))).toBeVisible();

  // Open it beside the list, then whole, and see what it changed.
  await auditor.getByRole("link", { name: `suppressed ${title}` }).click();
  const panel = auditor.getByRole("complementary", { name: "Operation" });
  await expect(panel).toContainText(`Olga Operator suppressed ${title}`);
  await expect(panel.getByRole("table", { name: "Before and after" })).toContainText("shared version");
  await panel.getByRole("link", { name: "Open full operation" }).click();
  await expect(auditor.getByRole("heading", { level: 1 })).toHaveText(`Olga Operator suppressed ${title}`);
  await expect(auditor.getByRole("table", { name: "Before and after" })).toContainText("shared version");
  const page = auditor.url();

  // Flag it with a note.
  const review = auditor.getByRole("region", { name: "Review" });
  await review.getByLabel("Question").fill("Was the customer told?");
  await review.getByRole("button", { name: "Flag it" }).click();
  await expect(auditor.getByRole("status").filter({ hasText: "Operation flagged" })).toBeVisible();
  await auditor.goto(`/audit?team=${team.slug}&reviewed=flagged`);
  await expect(rowsOf(auditor, LOG)).toContainText([`suppressed ${title}`]);

  // The team answers.
  await operator.goto(`/audit?team=${team.slug}&q=reviewed:flagged`);
  await operator.getByRole("link", { name: `suppressed ${title}` }).click();
  await operator.getByRole("link", { name: "Open full operation" }).click();
  await expect(operator.getByText("Was the customer told?")).toBeVisible();
  await expect(operator.getByRole("button", { name: "Mark reviewed" })).toHaveCount(0);
  await operator.getByLabel("Answer", { exact: true }).fill("Yes, by mail on Monday");
  await operator.getByRole("button", { name: "Answer the flag" }).click();
  await expect(operator.getByRole("status").filter({ hasText: "Flag answered" })).toBeVisible();

  // Read the answer and mark the operation reviewed.
  await auditor.goto(page);
  await expect(auditor.getByText("Yes, by mail on Monday")).toBeVisible();
  await auditor.getByRole("button", { name: "Mark reviewed" }).click();
  await expect(auditor.getByRole("status").filter({ hasText: "marked reviewed" })).toBeVisible();
  await auditor.goto(`/audit?team=${team.slug}&action=connector.suppress&reviewed=no`);
  await expect(auditor.getByRole("heading", { name: "No operations match" })).toBeVisible();

  // Export it, and verify the export without the portal.
  await auditor.goto(`/audit?team=${team.slug}&reviewed=yes`);
  await expect(rowsOf(auditor, LOG)).toHaveCount(1);
  await auditor.getByText("Export", { exact: true }).click();
  const [download] = await Promise.all([
    auditor.waitForEvent("download"),
    auditor.getByRole("button", { name: "Export evidence bundle" }).click(),
  ]);
  const bundle = await download.path();
  expect(await readFile(bundle, "utf8")).toContain("It loses invoices");
  // The intent, the outcome, and the entry of the export itself.
  expect(await verifyBundle(bundle, await portal.publicKey())).toMatch(/^3 entries, each in the log/);
});

test("a list is reviewed with the keyboard", async ({ auditor, operator, team, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "keys need JavaScript; buttons and links do not");
  const titles = [];
  for (let count = 0; count < 3; count++) titles.unshift(await suppressOne(operator, team));
  const list = `/audit?team=${team.slug}&action=connector.suppress&reviewed=no`;
  await open(auditor, list);
  const rows = auditor.getByRole("table", { name: LOG }).locator("tbody tr:not(.day)");

  await auditor.keyboard.press("?");
  await expect(auditor.getByRole("dialog", { name: "Shortcuts" })).toBeVisible();
  await auditor.keyboard.press("j");
  await auditor.keyboard.press("Escape");
  await expect(auditor.getByRole("dialog")).toHaveCount(0);

  await auditor.keyboard.press("j");
  await expect(rows.nth(0)).toBeFocused();
  await auditor.keyboard.press("j");
  await auditor.keyboard.press("j");
  await auditor.keyboard.press("j");
  await expect(rows.nth(2)).toBeFocused();
  await auditor.keyboard.press("k");
  await expect(rows.nth(1)).toBeFocused();

  // Once a row is reviewed, the row below takes its place.
  await auditor.keyboard.press("r");
  await expect(auditor.getByRole("status").filter({ hasText: "marked reviewed" })).toBeVisible();
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toBeFocused();
  await expect(rows.nth(1)).toContainText(titles[2] ?? "");
  await isAwake(auditor);

  // Open a row and go back; flag one, which leads to its note.
  await auditor.keyboard.press("Enter");
  await expect(auditor.getByRole("complementary", { name: "Operation" })).toContainText(titles[2] ?? "");
  await auditor.goBack();
  await isAwake(auditor);
  await auditor.keyboard.press("/");
  await expect(auditor.getByRole("combobox", { name: "Search", exact: true })).toBeFocused();
  const box = auditor.getByRole("combobox", { name: "Search", exact: true });
  await box.press("j");
  await expect(box).toHaveValue("j");
  await open(auditor, list);
  await auditor.keyboard.press("j");
  await auditor.keyboard.press("f");
  await expect(auditor.getByLabel("Question")).toBeFocused();

  // Once switched off, keys stay off: people who use speech input would press them by accident.
  await open(auditor, list);
  await auditor.keyboard.press("?");
  await auditor.getByLabel("Enable shortcuts").uncheck();
  await auditor.keyboard.press("Escape");
  await open(auditor, list);
  await rows.nth(0).focus();
  await auditor.keyboard.press("j");
  await expect(rows.nth(0)).toBeFocused();
  await auditor.keyboard.press("r");
  await auditor.keyboard.press("Enter");
  await auditor.reload();
  await expect(auditor).toHaveURL(new RegExp("reviewed=no$"));
  await expect(rows).toHaveCount(2);
});

test("a saved view is listed in the sidebar with its count", async ({ auditor, operator, team, isMobile, viewport }) => {
  await suppressOne(operator, team);
  await auditor.goto(`/audit?team=${team.slug}&reviewed=no&action=connector.suppress`);
  await auditor.getByRole("button", { name: "Save this view" }).click();
  const form = auditor.getByRole("form", { name: "Save this view" });
  await form.getByLabel("Name").fill(`To review in ${team.name}`);
  await form.getByRole("button", { name: "Save view" }).click();
  await expect(auditor.getByRole("status").filter({ hasText: "View saved" })).toBeVisible();
  if ((viewport?.width ?? 0) > 760 && !isMobile) {
    const link = auditor.getByRole("navigation", { name: "Portal" }).getByRole("link", { name: `To review in ${team.name} 1` });
    await link.click();
    await expect(rowsOf(auditor, LOG)).toHaveCount(1);
  }
  await auditor.goto("/views");
  await auditor.getByRole("button", { name: `Delete To review in ${team.name}` }).click();
  await expect(auditor.getByRole("status").filter({ hasText: "View deleted" })).toBeVisible();
});

test("figures link to the operations that they count", async ({ auditor, operator, team }) => {
  await suppressOne(operator, team);
  await auditor.goto(`/audit/figures?team=${team.slug}&days=7`);
  const done = auditor.getByRole("region", { name: "Changes per day" });
  await done.getByText("Show as table").click();
  await done.getByRole("table").getByRole("link", { name: /Connectors and recipes/ }).first().click();
  await expect(rowsOf(auditor, LOG)).toContainText(["Olga Operator suppressed"]);
});

/** Opens a page and waits until it listens to keys. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await isAwake(page);
}

async function isAwake(page: Page): Promise<void> {
  await expect(page.getByRole("button", { name: "Keyboard" })).toBeVisible();
}

/** Suppresses one of the team's shared connectors; returns its title. */
async function suppressOne(operator: Page, team: Team): Promise<string> {
  const { connectors } = await team.workato.inside();
  const { id, title } = connectors.find((one) => one.shared) ?? missing("a shared connector");
  await post(operator, "suppress_connector", {
    team: team.slug,
    connector: id,
    name: title,
    confirm: title,
    reason: "It loses invoices",
  });
  return title;
}

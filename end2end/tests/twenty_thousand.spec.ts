// A workspace with 20,000 connections: filtered pages show exactly what Workato has. Runs in one project, because nothing
// here depends on the browser.

import type { Page } from "@playwright/test";

import { expect, PEOPLE, signIn, test } from "../fixtures";
import type { Connection } from "../sandbox";
import { applyFilters, inOneLine, openFilters, rowsOf } from "./lists";

test.use({ size: { workspaces: 1, connections: 20_000 } });

test("twenty thousand connections are filtered as Workato has them", async ({ page, team }) => {
  const every = { include_runtime_connections: "true" };
  const all = await team.workato.connections(every);
  expect(all.length).toBe(20_000);
  const { root_folder_id } = await team.workato.inside();
  const folder = mostCommon(all.map((one) => one.folder_id).filter((id) => id !== root_folder_id));
  const since = moment(all);
  const asked = await team.workato.connections({ ...every, folder_id: String(folder), updated_after: since });
  const tag = mostCommon(asked.flatMap((one) => one.tags ?? []));
  const connected = asked
    .filter((one) => one.authorization_status === "success")
    .toSorted((a, b) => Date.parse(b.updated_at) - Date.parse(a.updated_at) || a.id - b.id);
  const tagged = connected.filter((one) => one.tags?.includes(tag));

  await page.goto(`/teams/${team.slug}/connections`);
  await signIn(page, PEOPLE.operator);
  const filters = page.getByRole("search", { name: "Filter connections" });
  await openFilters(filters);
  await filters.getByLabel("Include runtime users’ connections").check();
  await applyFilters(filters);
  await expect(page.getByText("1–50 of 20,000")).toBeVisible();

  await openFilters(filters);
  await filters.getByLabel("Folder", { exact: true }).selectOption(String(folder));
  await filters.getByLabel("Tag", { exact: true }).selectOption(tag);
  await filters.getByLabel("Status").selectOption("Connected");
  await filters.getByLabel("Updated after").fill(since);
  await applyFilters(filters);

  await expectAllOf(page, tagged);

  await page.getByRole("link", { name: /^Remove the filter tag: / }).click();
  expect(connected.length).toBeGreaterThan(250);
  await expectAllOf(page, connected);
});

/** Pages through the list, which must hold these connections in this order and no others. */
async function expectAllOf(page: Page, expected: Connection[]): Promise<void> {
  await expect(page.getByText(`${expected.length.toLocaleString("en-GB")} matching`)).toBeVisible();
  const rows = rowsOf(page, "Connections");
  const next = page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Next" });
  for (let at = 0; at < expected.length; at += 50) {
    const these = expected.slice(at, at + 50);
    // Beside its name a row may say that the connection belongs to a runtime user.
    await expect(rows.getByRole("link")).toHaveText(these.map(name));
    const links = await rows.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    expect(links.map((link) => Number(link?.split("/").at(-1)))).toEqual(these.map((one) => one.id));
    if (at + 50 < expected.length) await next.click();
  }
  await expect(next).toHaveCount(0);
}

function name(connection: Connection): string {
  return inOneLine(connection.name ?? "") || `Connection ${connection.id}`;
}

/** The time after which nine tenths of them were updated, in whole seconds. */
function moment(connections: Connection[]): string {
  const sorted = connections.map((one) => Date.parse(one.updated_at)).toSorted((a, b) => a - b);
  const tenth = sorted[Math.floor(sorted.length / 10)] ?? 0;
  return new Date(tenth).toISOString().replace(/\.\d+Z$/, "Z");
}

function mostCommon<T>(values: T[]): T {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  if (!most) throw new Error("There is nothing to count.");
  return most[0];
}

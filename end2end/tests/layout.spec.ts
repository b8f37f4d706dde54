// How much room pages take, and that nothing on them moves, is cut off for good or needs a mouse.

import type { Page } from "@playwright/test";

import { expect, test } from "../fixtures";
import { missing, plainConnections, unusedConnections } from "./choose";
import { overlapping, rowsOf } from "./lists";
import { post } from "./posts";

test("fifty connections take one line each on a desktop, and the first one is near the top on a phone", async ({
  operator,
  team,
  viewport,
}) => {
  await operator.goto(`/teams/${team.slug}/connections`);
  await expect(rowsOf(operator, "Connections")).toHaveCount(50);
  const rows = await operator.locator("#list > tbody > tr").evaluateAll((all) => all.map((row) => row.getBoundingClientRect().toJSON()));
  const [first = missing("a row")] = rows;
  if ((viewport?.width ?? 0) < 720) {
    expect(first.top).toBeLessThanOrEqual(300);
    expect(Math.max(...rows.map((row) => row.height))).toBeLessThanOrEqual(76);
    return;
  }
  expect(Math.min(...rows.map((row) => row.height))).toBeGreaterThanOrEqual(36);
  expect(Math.max(...rows.map((row) => row.height))).toBeLessThanOrEqual(40);
  expect(await heightOf(operator)).toBeLessThanOrEqual(2100);

  // The heading stays in sight.
  await operator.evaluate(() => window.scrollTo(0, 600));
  await expect(operator.getByRole("columnheader", { name: "Name" })).toBeInViewport();
  // A row whose link has the focus shows its whole text.
  const name = rowsOf(operator, "Connections").nth(20);
  await expect(name).toHaveAttribute("title", /\S/);
});

test("a broken connection says in a few words why, and shows Workato's answer on demand", async ({ operator, team }) => {
  const broken = (await plainConnections(team.workato)).filter((one) => one.authorization_status === "failed");
  const [connection = missing("a broken connection")] = broken;
  const { authorization_error: error } = connection as { authorization_error?: string };
  await operator.goto(`/teams/${team.slug}/connections?q=${connection.id}`);
  const status = operator.getByRole("table", { name: "Connections" }).getByRole("button");
  await expect(status).toHaveText(/^\w[\w -]{2,20}$/);
  await expect(operator.getByText(error ?? "")).toBeHidden();
  await status.focus();
  await operator.keyboard.press("Enter");
  await expect(operator.getByRole("dialog").getByText(error ?? "")).toBeVisible();
  await operator.keyboard.press("Escape");
  await expect(operator.getByText(error ?? "")).toBeHidden();
});

test("a page has as many rows as the URL says", async ({ operator, team, complaints }) => {
  const list = `/teams/${team.slug}/connections`;
  await operator.goto(list);
  await operator.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "100", exact: true }).click();
  await expect(operator).toHaveURL(/[?&]rows=100/);
  await expect(rowsOf(operator, "Connections")).toHaveCount(100);
  complaints.expect(422);
  expect((await operator.goto(`${list}?rows=51`))?.status()).toBe(422);
  await expect(operator.getByRole("alert")).toContainText("Show 50, 100 or 200 rows.");
});

test("a connector's versions open one at a time, and eight of them fit into 1,000 pixels", async ({
  operator,
  team,
  viewport,
}) => {
  const { connectors } = await team.workato.inside();
  const connector = connectors.find((one) => one.shared) ?? missing("a shared connector");
  const released = connector.versions.filter((version) => version.released_at !== null).length;
  for (let version = released; version < 8; version += 1) {
    await team.workato.alter({ do: "release_version", connector_id: connector.id, note: `Fixes for release ${version}` });
  }
  await operator.goto(`/teams/${team.slug}/connectors/${connector.id}`);
  const lines = operator.locator("details.ver");
  await expect(lines).toHaveCount(8);
  await expect(operator.locator("details.ver[open]")).toHaveCount(1);
  for (const line of [lines.nth(3), lines.nth(6)]) {
    await line.locator("> summary").click();
    await expect(operator.locator("details.ver[open]")).toHaveCount(1);
    await expect(line.getByRole("form")).toBeVisible();
  }
  if ((viewport?.width ?? 0) < 720) return;
  const box = (await lines.last().boundingBox()) ?? missing("the last version");
  expect(box.y + box.height).toBeLessThanOrEqual(1000);
});

test("nothing moves after the page has loaded", async ({ operator, team, javaScriptEnabled }) => {
  if (!javaScriptEnabled) return;
  const [connection = missing("a connection")] = await plainConnections(team.workato);
  const { connectors } = await team.workato.inside();
  const home = `/teams/${team.slug}`;
  for (const path of [`${home}/connections`, `${home}/connectors`, `${home}/customers`, `${home}/connections/${connection.id}`, `${home}/connectors/${connectors[0]?.id}`]) {
    await operator.goto(path, { waitUntil: "networkidle" });
    const shift = await operator.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
          }).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => resolve(sum), 300);
        }),
    );
    expect(shift, path).toBeLessThanOrEqual(0.01);
  }
});

test("at 320 pixels no page scrolls sideways", async ({ operator, team }) => {
  const [connection = missing("a connection")] = await plainConnections(team.workato);
  const { connectors, customers } = await team.workato.inside();
  const home = `/teams/${team.slug}`;
  await operator.setViewportSize({ width: 320, height: 640 });
  for (const path of [`${home}/connections`, `${home}/connections?status=failed&q=a`, `${home}/connectors`, `${home}/customers`, `${home}/connections/${connection.id}`, `${home}/connectors/${connectors[0]?.id}`, `${home}/customers/${customers[0]?.id}`]) {
    await operator.goto(path);
    expect(await operator.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(320);
    for (const table of await operator.getByRole("table").all()) expect(await overlapping(table), path).toEqual([]);
  }
});

test("on paper a page says where it is from, hashes are whole, and nothing is cut off", async ({ auditor, operator, team }) => {
  const [connection = missing("a connection")] = await unusedConnections(team.workato);
  const name = connection.name ?? "";
  const reason = `${"Nobody uses it since the customer has moved to another application. ".repeat(4)}The end`;
  const sent = { team: team.slug, connection: connection.id, name, confirm: name, reason };
  const { operation } = await post(operator, "delete_connection", sent);
  await auditor.emulateMedia({ media: "print" });
  await auditor.goto(`/audit/${operation}`);
  const printed = auditor.getByText(/^Partner Portal\. Printed by Aude Auditor on /);
  await expect(printed).toBeVisible();
  await expect(printed).toContainText(`/audit/${operation}`);
  await expect(auditor.locator(".chain code").first()).toHaveText(/[0-9a-f]{64}/, { useInnerText: true });
  await expect(auditor.getByRole("banner")).toBeHidden();

  await auditor.setViewportSize({ width: 794, height: 1123 });
  await auditor.goto(`/audit?team=${team.slug}&action=connection.delete`);
  await expect(printed).toContainText("action=connection.delete");
  await expect(auditor.getByRole("search", { name: "Search the audit log" })).toBeHidden();
  const cut = await auditor.locator("#list :is(th, td):not(:first-child)").evaluateAll((cells) =>
    cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.textContent),
  );
  expect(cut).toEqual([]);
  await expect(auditor.getByText(/The end$/)).toBeVisible();
});

function heightOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollHeight);
}

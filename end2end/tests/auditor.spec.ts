// The auditor's day: who did what, when and why, and did it work? The log has every operation of a team, including those
// that failed and those that were denied. An auditor can change nothing.

import { createHash } from "node:crypto";

import type { Page } from "@playwright/test";

import { expect, test } from "../fixtures";
import type { Team } from "../portal";
import type { Connector } from "../sandbox";
import { missing, plainConnections } from "./choose";
import { rowsOf } from "./lists";
import { post, share } from "./posts";

const LOG = "Operations, newest first";

test("an auditor sees every operation of a team, including those that failed or were denied", async ({
  auditor,
  operator,
  viewer,
  team,
}) => {
  const { title, connector, connection } = await day(team, operator, viewer);
  await auditor.goto("/audit");
  const filters = auditor.getByRole("search", { name: "Search the audit log" });
  // On a phone the fields are hidden at first.
  const fold = filters.getByText("Filters", { exact: true });
  if (await fold.isVisible()) await fold.click();
  await filters.getByLabel("Team").selectOption(team.name);
  await filters.getByRole("button", { name: "Search" }).click();
  await expect(auditor).toHaveURL(new RegExp(`team=${team.slug}`));
  await expect(rowsOf(auditor, LOG)).toContainText([
    `Vito Viewer wasn't allowed to share version 1 of connector ${connector}`,
    `Olga Operator suppressed ${title}`,
    `Olga Operator tried to suppress ${title}`,
    `Olga Operator tried to delete connection ${connection}`,
    "outcome unknown",
    `Olga Operator tried to share version 999 of ${title}`,
    `Olga Operator shared version 1 of ${title}`,
    `command line made Vito Viewer a viewer of ${team.name}`,
    `command line made Olga Operator an operator of ${team.name}`,
    `command line set the token of ${team.name}`,
    `command line created team ${team.name}`,
  ]);
  const table = auditor.getByRole("table", { name: LOG });
  for (const [outcome, beside] of [
    ["denied", "wasn't allowed"],
    ["succeeded", "It loses invoices"],
    ["failed", "Too many requests"],
    ["rejected", "“You can't delete a connection used by active recipes”"],
    ["unknown", "Server error"],
  ] as const) {
    await expect(table.getByRole("row").filter({ hasText: outcome }).first()).toContainText(beside);
  }
});

test("the log is filtered by actor, action, outcome, target, text and time", async ({
  auditor,
  operator,
  viewer,
  team,
}) => {
  const { title, connector, noon } = await day(team, operator, viewer);
  const log = `/audit?team=${team.slug}`;
  const filters = auditor.getByRole("search", { name: "Search the audit log" });
  const rows = rowsOf(auditor, LOG);

  await auditor.goto(log);
  await filters.getByLabel("Actor").fill("VITO@example");
  await filters.getByLabel("Outcome").selectOption("denied");
  await filters.getByRole("button", { name: "Search" }).click();
  await expect(rows).toContainText(["Vito Viewer wasn't allowed to share"]);
  await auditor.getByRole("link", { name: "Remove the filter outcome: denied" }).click();
  await expect(rows).toHaveCount(1);

  await auditor.goto(log);
  await filters.getByLabel("Action").selectOption("connector.suppress");
  await filters.getByRole("button", { name: "Search" }).click();
  await expect(rows).toContainText(["Olga Operator suppressed", "Olga Operator tried to suppress"]);

  await filters.getByLabel("Outcome").selectOption("succeeded");
  await filters.getByRole("button", { name: "Search" }).click();
  await expect(rows).toContainText([`Olga Operator suppressed ${title}`]);

  await auditor.goto(log);
  await filters.getByLabel("Target").fill(`connector:${connector}`);
  await filters.getByRole("button", { name: "Search" }).click();
  await expect(rows).toHaveCount(6);

  await auditor.goto(log);
  await filters.getByLabel("Search").fill("loses INVOICES");
  await filters.getByRole("button", { name: "Search" }).click();
  await expect(rows).toContainText([`Olga Operator suppressed ${title}`]);

  await auditor.goto(`${log}&target=connector%3A${connector}`);
  await filters.getByLabel("After").fill(noon);
  await filters.getByRole("button", { name: "Search" }).click();
  await expect(rows).toContainText(["wasn't allowed", "suppressed", "tried to suppress"]);
  await filters.getByLabel("After").fill("");
  await filters.getByLabel("Before").fill(noon);
  await filters.getByRole("button", { name: "Search" }).click();
  await expect(rows).toContainText(["outcome unknown", "tried to share version 999", "shared version"]);
});

test("a log longer than a page is paged to older and newer operations", async ({ auditor, viewer, team }) => {
  await post(viewer, "share_version", { team: team.slug, connector: 1, version: 1 });
  const listed = () =>
    auditor
      .getByRole("table", { name: LOG })
      .locator("a[data-open]")
      .evaluateAll((links) => links.map((link) => /[?&]op=([^&#]+)/.exec(link.getAttribute("href") ?? "")?.[1]));
  await auditor.goto(`/audit?team=${team.slug}&outcome=denied`);
  const [id = missing("a denied operation")] = await listed();
  const flags: string[] = [];
  for (let flag = 1; flag <= 53; flag++) {
    const { operation, answer } = await post(auditor, "flag_operation", { id, note: `Question ${flag}` });
    expect(answer.status()).toBe(303);
    flags.unshift(operation);
  }
  await auditor.goto(`/audit?team=${team.slug}&action=operation.flag`);
  const pages = auditor.getByRole("navigation", { name: "Pages" });
  await expect.poll(listed).toEqual(flags.slice(0, 50));
  await pages.getByRole("link", { name: "Older" }).click();
  await expect.poll(listed).toEqual(flags.slice(50));
  await expect(pages.getByRole("link", { name: "Older" })).toHaveCount(0);
  await pages.getByRole("link", { name: "Newer" }).click();
  await expect.poll(listed).toEqual(flags.slice(0, 50));
});

test("an operation's page shows its entries, their JSON, and the bytes that are hashed", async ({
  auditor,
  operator,
  team,
}) => {
  const { connectors } = await team.workato.inside();
  const connector = connectors.find((one) => one.shared) ?? missing("a shared connector");
  const { operation } = await suppress(operator, team, connector);

  await auditor.goto(`/audit?team=${team.slug}`);
  await auditor.getByRole("link", { name: `suppressed ${connector.title}` }).click();
  await auditor.getByRole("link", { name: "Open full operation" }).click();
  await expect(auditor).toHaveURL(`/audit/${operation}`);
  await expect(auditor.getByRole("heading", { level: 1 })).toHaveText(`Olga Operator suppressed ${connector.title}`);

  const entries = auditor.getByRole("region", { name: "What happened" }).getByRole("listitem");
  await expect(entries).toContainText(["Requested by Olga Operator", "Done in Workato"]);
  for (const [at, stage] of ["intent", "outcome"].entries()) {
    const entry = entries.nth(at);
    await entry.getByText("Raw JSON").click();
    const read = JSON.parse((await entry.getByRole("region", { name: /readable$/ }).textContent()) ?? "");
    expect(read).toMatchObject({
      operation_id: operation,
      stage,
      action: "connector.suppress",
      actor: { name: "Olga Operator", email: "olga@example.com" },
      team: { name: team.name },
      targets: [{ type: "connector", id: String(connector.id), name: connector.title }],
    });
    await entry.getByText("Exact bytes, as hashed").click();
    const bytes = (await entry.getByRole("region", { name: /exact bytes$/ }).textContent()) ?? "";
    expect(JSON.parse(bytes)).toEqual(read);
    const leaf = createHash("sha256").update(Buffer.from([0])).update(bytes).digest("hex");
    await expect(auditor.getByRole("region", { name: "Evidence" }).getByTitle(leaf)).toBeVisible();
  }
  const facts = auditor.getByRole("region", { name: "Details" });
  await expect(auditor.getByRole("region", { name: "Reason" })).toContainText("It loses invoices");
  await expect(facts).toContainText("127.0.0.1");
});

test("an auditor is offered no change, and one that is sent anyway is refused and logged", async ({
  auditor,
  team,
}) => {
  const { connectors } = await team.workato.inside();
  const connector = connectors.find((one) => one.shared) ?? missing("a shared connector");
  const connection = (await team.workato.connections())[0] ?? missing("a connection");
  for (const path of [`connectors/${connector.id}`, `connections/${connection.id}`]) {
    await auditor.goto(`/teams/${team.slug}/${path}`);
    await expect(auditor.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(auditor.getByRole("main").getByRole("button")).toHaveCount(1);
    await expect(auditor.getByRole("main").getByRole("button", { name: "Refresh" })).toBeVisible();
    await expect(auditor.getByRole("textbox")).toHaveCount(0);
  }

  const { answer } = await suppress(auditor, team, connector);
  expect(answer.status()).toBe(403);
  const page = await answer.text();
  expect(page).toContain("You don't have permission");
  expect(await team.workato.carriedOut()).toEqual([]);

  await auditor.goto(/href="?(\/audit\/[^" ]+)"? class="?id\b/.exec(page)?.[1] ?? missing("a link to the entry"));
  await expect(auditor.getByRole("heading", { level: 1 })).toContainText("Aude Auditor wasn't allowed to suppress");
  const entries = auditor.getByRole("region", { name: "What happened" }).getByRole("listitem");
  await expect(entries).toContainText(["Denied"]);
  await expect(entries).toContainText(["Nothing was sent"]);
});

/** Operations with every possible outcome, oldest first; `noon` is after the third of them. */
async function day(team: Team, operator: Page, viewer: Page) {
  const { connectors, recipes } = await team.workato.inside();
  const canRollBackToOne = ({ shared, versions }: Connector) =>
    shared && shared.version > 1 && versions.some((one) => one.version === 1 && one.released_at);
  const connector = connectors.find(canRollBackToOne) ?? missing("a connector to roll back to version 1");
  const [connection = missing("a connection")] = await plainConnections(team.workato);
  await team.workato.alter({ do: "use_connection", connection_id: connection.id, recipe_id: recipes[0]?.id });

  const shared = await share(operator, team, { connector: connector.id, version: 1 });
  expect(shared.answer.headers().location).toContain(shared.operation);
  await share(operator, team, { connector: connector.id, version: 999 });
  await team.workato.sandbox.misbehave("POST /api/custom_connectors/**: 500 x1");
  await share(operator, team, { connector: connector.id, version: 1 });
  // To the millisecond, which the clock passes before the next operation begins.
  const noon = new Date(Date.now() + 1);
  await expect.poll(() => Date.now()).toBeGreaterThan(noon.getTime());
  await post(operator, "delete_connection", {
    team: team.slug,
    connection: connection.id,
    name: connection.name ?? "",
    confirm: connection.name ?? "",
    reason: "The customer has left",
  });
  await team.workato.sandbox.misbehave("DELETE /api/custom_connectors/**: 429 retry-after=1 x3");
  await suppress(operator, team, connector);
  await suppress(operator, team, connector);
  await share(viewer, team, { connector: connector.id, version: 1 });
  return {
    connector: connector.id,
    title: connector.title,
    connection: connection.name ?? "",
    noon: noon.toISOString(),
  };
}

function suppress(page: Page, team: Team, { id, title }: { id: number; title: string }) {
  return post(page, "suppress_connector", {
    team: team.slug,
    connector: id,
    name: title,
    confirm: title,
    reason: "It loses invoices",
  });
}

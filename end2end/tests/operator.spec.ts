// The operator's day: sign in, find a connection, delete one that is no longer needed, share a version of a connector with
// embedded customers and suppress it. What changed in Workato is read from the sandbox. The integration tests cover rights.

import { expect, PEOPLE, signIn, test } from "../fixtures";
import type { Team } from "../portal";
import type { Connection, Connector, Workspace } from "../sandbox";
import { missing, plainConnections, unusedConnections } from "./choose";
import { signOut } from "./frame";
import { applyFilters, inOneLine, openFilters, rowsOf } from "./lists";
import { openVersion } from "./versions";

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;

test("an operator signs in and lands on the requested page", async ({ page, team }) => {
  const asked = `/teams/${team.slug}/connectors?oem_shared=true`;
  await page.goto(asked);
  await expect(page).toHaveURL(`/login?next=${encodeURIComponent(asked)}`);

  await signIn(page, { ...PEOPLE.operator, password: "not olga's password" });
  await expect(page.getByLabel("Email")).toHaveValue(PEOPLE.operator.email);
  await expect(page.getByLabel("Password")).toHaveValue("");
  await expect(page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");

  await signIn(page, PEOPLE.operator);
  await expect(page).toHaveURL(asked);
  await expect(page.getByRole("banner")).toContainText("Olga Operator Operator");

  const cookie = (await page.context().cookies()).find((one) => one.name === "portal");
  expect(cookie).toBeDefined();
  await signOut(page);
  await expect(page).toHaveURL("/login");
  if (cookie) await page.context().addCookies([cookie]);
  await page.goto(asked);
  await expect(page).toHaveURL(/\/login\?next=/);
});

test("a connection is found by its folder, its tag and the time of its last update", async ({ operator, team }) => {
  await clearTheEdgeOfTheWeek(team.workato);
  const all = await team.workato.connections();
  const tagged = (await plainConnections(team.workato)).filter((one) => one.tags?.length && inFolder(all, one) > 2);
  const sought = tagged.find((one) => Date.parse(one.updated_at) % 60_000 > 0) ?? missing("a tagged connection");
  const tag = sought.tags?.[0] ?? "";
  // The field takes minutes.
  const moment = new Date(sought.updated_at).toISOString().slice(0, 16);
  const answer = await team.workato.connections({ folder_id: String(sought.folder_id), updated_after: `${moment}:00Z` });
  const expected = answer.filter((one) => one.tags?.includes(tag));
  expect(expected.map((one) => one.id)).toContain(sought.id);

  await operator.goto(`/teams/${team.slug}/connections`);
  const filters = operator.getByRole("search", { name: "Filter connections" });
  await openFilters(filters);
  await filters.getByLabel("Folder", { exact: true }).selectOption(String(sought.folder_id));
  await filters.getByLabel("Tag", { exact: true }).selectOption(tag);
  await filters.getByLabel("Updated after").fill(moment);
  await applyFilters(filters);

  const asked = new URL(operator.url()).searchParams;
  expect([asked.get("folder_id"), asked.get("tag"), asked.get("updated_after")]).toEqual([
    String(sought.folder_id),
    tag,
    moment,
  ]);
  await expect(rowsOf(operator, "Connections")).toHaveText(newestFirst(expected));
  await expect(operator.getByText(`${expected.length} matching`)).toBeVisible();
  await expect(filters.getByLabel("Updated after")).toHaveValue(moment);
  await expect(filters.getByLabel("Folder", { exact: true })).toHaveValue(String(sought.folder_id));

  await operator.getByRole("link", { name: /^Remove the filter tag: / }).click();
  await expect(rowsOf(operator, "Connections")).toHaveText(newestFirst(answer));
  await operator.getByRole("link", { name: /^Remove the filter updated after / }).click();
  await expect(operator.getByText(`${inFolder(all, sought)} matching`)).toBeVisible();
  await operator.getByRole("link", { name: "Clear all" }).click();
  await expect(operator.getByText(`1–50 of ${all.length}`)).toBeVisible();

  await openFilters(filters);
  await operator.getByRole("list", { name: "Updated within the last" }).getByRole("link", { name: "7 days" }).click();
  const week = new Date(Date.now() - WEEK).toISOString().replace(/\.\d+Z$/, "Z");
  const recent = (await team.workato.connections({ updated_after: week })).length;
  await expect(operator.getByText(`${recent} matching`)).toBeVisible();
  await expect(operator.getByRole("link", { name: "Remove the filter updated in the last 7 days" })).toBeVisible();

  await operator.getByRole("link", { name: "Clear all" }).click();
  await filters.getByLabel("Name").fill(sought.name ?? "");
  await applyFilters(filters);
  await rowsOf(operator, "Connections").getByRole("link").click();
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText(inOneLine(sought.name ?? ""));
});

test("a connection is found by its whole name, however long or odd", async ({ operator, team }) => {
  const all = await team.workato.connections();
  const plain = new Set((await plainConnections(team.workato)).map((one) => one.id));
  const odd = all.filter((one) => one.name && !plain.has(one.id));
  expect(odd.some(({ name }) => (name ?? "").length > 200)).toBe(true);
  const filters = operator.getByRole("search", { name: "Filter connections" });
  for (const { name } of new Map(odd.map((one) => [one.name, one])).values()) {
    const shown = inOneLine(name ?? "");
    const expected = all.filter((one) => inOneLine(one.name ?? "").toLowerCase().includes(shown.toLowerCase()));
    await operator.goto(`/teams/${team.slug}/connections`);
    await filters.getByLabel("Name").fill(name ?? "");
    await applyFilters(filters);
    await expect(rowsOf(operator, "Connections")).toHaveText(newestFirst(expected));
    const answer = await operator.goto(`/teams/${team.slug}/connections?q=${encodeURIComponent(shown)}`);
    expect(answer?.status()).toBe(200);
    await expect(rowsOf(operator, "Connections")).toHaveText(newestFirst(expected));
  }
});

test("the list is sorted by its column headings and paged", async ({ operator, team, viewport }) => {
  const all = await team.workato.connections();
  const newest = newestFirst(all);
  await operator.goto(`/teams/${team.slug}/connections`);
  await expect(rowsOf(operator, "Connections")).toHaveText(newest.slice(0, 50));

  const pages = operator.getByRole("navigation", { name: "Pages" });
  await pages.getByRole("link", { name: "Next" }).click();
  await pages.getByRole("link", { name: "Next" }).click();
  await expect(pages).toContainText(`101–${all.length} of ${all.length}`);
  await expect(rowsOf(operator, "Connections")).toHaveText(newest.slice(100));
  await expect(pages.getByRole("link", { name: "Next" })).toHaveCount(0);
  await pages.getByRole("link", { name: "Previous" }).click();
  await expect(rowsOf(operator, "Connections")).toHaveText(newest.slice(50, 100));

  const headings = operator.getByRole("table", { name: "Connections" }).getByRole("columnheader");
  if ((viewport?.width ?? 0) < 640) {
    // A phone shows cards, which have no column headings.
    const filters = operator.getByRole("search", { name: "Filter connections" });
    await openFilters(filters);
    await filters.getByLabel("Order").selectOption("oldest update first");
    await applyFilters(filters);
  } else {
    await expect(headings.filter({ hasText: "Updated" })).toHaveAttribute("aria-sort", "descending");
    await headings.getByRole("link", { name: "Updated" }).click();
    await expect(headings.filter({ hasText: "Updated" })).toHaveAttribute("aria-sort", "ascending");
  }
  // Another order starts on its first page.
  await expect(pages).toContainText(`1–50 of ${all.length}`);
  await expect(rowsOf(operator, "Connections")).toHaveText(newest.reverse().slice(0, 50));
});

test("an invalid filter shows a message beside its field, and no list", async ({
  operator,
  team,
  complaints,
}) => {
  complaints.expect(422);
  const list = `/teams/${team.slug}/connections`;
  const answer = await operator.goto(`${list}?updated_after=yesterday-ish&status=odd`);
  expect(answer?.status()).toBe(422);
  const filters = operator.getByRole("search", { name: "Filter connections" });
  await expect(filters.getByLabel("Updated after")).toHaveValue("yesterday-ish");
  await expect(filters.getByLabel("Updated after")).toHaveAccessibleDescription(/Enter a date and time such as/);
  await expect(filters.getByLabel("Status")).toHaveAccessibleDescription(/success, broken, failed, exception or none/);
  await expect(operator.getByRole("alert")).toContainText("Part of the filter isn’t valid");
  await expect(operator.getByRole("table")).toHaveCount(0);

  expect((await operator.goto(`${list}?page=-1`))?.status()).toBe(422);
  await expect(operator.getByRole("alert")).toContainText("Enter a page number from 1.");
  expect((await operator.goto(`${list}?tag=a&tag=b`))?.status()).toBe(422);
  await expect(filters.getByLabel("Tag", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await expect(operator.getByRole("table")).toHaveCount(0);
});

test("a connection is deleted once nothing uses it, and refusals are shown in Workato's own words", async ({
  operator,
  team,
}) => {
  const [inUse, streaming] = await unusedConnections(team.workato);
  if (!inUse || !streaming) throw missing("two unused connections");
  const { recipes } = await team.workato.inside();
  await team.workato.alter({ do: "stream_audit_log_to", connection_id: streaming.id });
  // The one that is deleted has the longest name of all: hundreds of characters.
  const [dead = missing("a connection")] = (await team.workato.connections()).toSorted(
    (a, b) => (b.name ?? "").length - (a.name ?? "").length,
  );
  for (const { id, connection_ids } of recipes) {
    if (connection_ids.includes(dead.id)) await team.workato.alter({ do: "set_recipe_active", recipe_id: id, active: false });
  }
  const recipe = recipes.find((one) => !one.connection_ids.includes(dead.id)) ?? missing("a recipe");
  await team.workato.alter({ do: "use_connection", connection_id: inUse.id, recipe_id: recipe.id });

  for (const [connection, words] of [
    [inUse, "You can't delete a connection used by active recipes"],
    [streaming, "You can't delete a connection used by audit log streaming"],
  ] as const) {
    const name = inOneLine(connection.name ?? "");
    await operator.goto(`/teams/${team.slug}/connections/${connection.id}`);
    await operator.getByRole("heading", { name: "Delete this connection" }).click();
    const form = operator.getByRole("form", { name: "Delete this connection" });
    await form.getByLabel(/^Type .* to confirm$/s).fill(name);
    await form.getByLabel("Reason").fill("The customer has left");
    await form.getByRole("button", { name: `Delete ${name}` }).click();
    await expect(operator).toHaveURL(/\?operation=/);
    await expect(operator.getByRole("alert")).toContainText(`Workato refused to delete connection ${name}.`);
    await expect(operator.getByRole("alert")).toContainText(words);
    await expect(operator.getByRole("list", { name: "History" })).toContainText("Rejected: ");
  }
  expect(await team.workato.carriedOut()).toEqual([]);

  const name = inOneLine(dead.name ?? "");
  await operator.goto(`/teams/${team.slug}/connections/${dead.id}`);
  await operator.getByRole("heading", { name: "Delete this connection" }).click();
  const form = operator.getByRole("form", { name: "Delete this connection" });
  await expect(form).toContainText("This can’t be undone.");
  await form.getByLabel(/^Type .* to confirm$/s).fill("something else");
  await form.getByLabel("Reason").fill("The customer has left");
  await form.getByRole("button", { name: `Delete ${name}` }).click();
  const confirm = form.getByLabel(/^Type .* to confirm$/s);
  await expect(confirm).toHaveAccessibleDescription(new RegExp("exactly as shown"));
  await expect(confirm).toHaveValue("something else");
  await expect(form.getByLabel("Reason")).toHaveValue("The customer has left");
  expect(await team.workato.carriedOut()).toEqual([]);

  await confirm.fill(`  ${name} `);
  await operator.getByRole("button", { name: `Delete ${name}` }).click();
  await expect(operator.getByRole("status")).toContainText(`Connection ${name} was deleted.`);
  await expect(operator.getByText("This connection is not in Workato.")).toBeVisible();
  expect(await team.workato.carriedOut()).toEqual([`connection.delete ${dead.id}`]);

  await operator.goto(`/teams/${team.slug}/connections?q=${encodeURIComponent(dead.name ?? "")}`);
  await expect(operator.getByRole("main").getByRole("link", { name, exact: true })).toHaveCount(0);
});

test("a version is shared, updated, rolled back, and the connector suppressed", async ({ operator, team }) => {
  const { connector, title, path, versions } = await withThreeVersions(team);
  const [first, second, third] = versions;
  if (connector.shared) await team.workato.alter({ do: "suppress_connector", connector_id: connector.id });

  await operator.goto(`/teams/${team.slug}/connectors`);
  await rowsOf(operator, "Connectors").getByRole("link", { name: title }).click();
  await expect(operator).toHaveURL(path);
  const share = await openVersion(operator, second);
  await expect(share).toHaveAccessibleDescription(`Customers start to get version ${second}.`);
  await expect(operator.getByRole("button", { name: `Suppress ${title}` })).toHaveCount(0);

  const said = operator.getByRole("status").filter({ hasText: "View operation" });
  await share.getByLabel("Reason").fill("First customers are ready");
  await share.getByRole("button", { name: `Share version ${second}` }).click();
  await expect(said).toContainText(`Version ${second} of ${title} is now shared (none was before).`);
  await expect(operator.locator(`#version-${second}`)).toContainText("by Olga Operator");

  const update = await openVersion(operator, third);
  await expect(update).toHaveAccessibleDescription(new RegExp(`move from ${second} to ${third}`));
  await update.getByRole("button", { name: `Share version ${third}` }).click();
  await expect(said).toContainText(`Version ${third} of ${title} is now shared (was ${second}).`);

  // A roll back cannot be taken for a share: it has its own verb.
  const rollBack = await openVersion(operator, first);
  await expect(rollBack).toContainText(`${third} → ${first}`);
  await expect(rollBack.getByRole("button", { name: /^Share version/ })).toHaveCount(0);
  await rollBack.getByRole("button", { name: `Roll back to version ${first}` }).click();
  await expect(said).toContainText(`Version ${first} of ${title} is now shared (was ${third}).`);

  await operator.getByRole("heading", { name: "Suppress this connector" }).click();
  const stop = operator.getByRole("form", { name: "Suppress this connector" });
  await expect(stop).toContainText("Recipes of every customer that uses it will fail.");
  await stop.getByLabel(/^Type .* to confirm$/s).fill("Another Connector");
  await stop.getByRole("button", { name: `Suppress ${title}` }).click();
  await expect(stop.getByLabel(/^Type .* to confirm$/s)).toHaveAccessibleDescription(/exactly as shown/);
  await expect(stop.getByLabel(/^Type .* to confirm$/s)).toHaveValue("Another Connector");
  await expect(stop.getByLabel("Reason")).toHaveAccessibleDescription(/Enter a reason/);

  await stop.getByLabel(/^Type .* to confirm$/s).fill(title);
  await stop.getByLabel("Reason").fill("It loses invoices");
  await stop.getByRole("button", { name: `Suppress ${title}` }).click();
  await expect(said).toContainText(`${title} is suppressed. Customers no longer get it.`);
  expect((await find(team, connector.id)).shared).toBeNull();
  expect(await team.workato.carriedOut()).toEqual([
    ...Array.from({ length: 3 }, () => `connector.share ${connector.id}`),
    `connector.suppress ${connector.id}`,
  ]);

  await said.getByRole("link", { name: "View operation" }).click();
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText(`Olga Operator suppressed ${title}`);
  await expect(operator.getByText("It loses invoices").first()).toBeVisible();
});

test("a share asks for confirmation when another version has been shared in the meantime", async ({ operator, team }) => {
  const { connector, title, path, versions } = await withThreeVersions(team);
  const [first, second, third] = versions;
  await team.workato.alter({ do: "share_connector", connector_id: connector.id, version: first });
  await operator.goto(path);
  const share = await openVersion(operator, third);
  await share.getByLabel("Reason").fill("Customers wait for the fix");
  await team.workato.alter({ do: "share_connector", connector_id: connector.id, version: second });
  await share.getByRole("button", { name: `Share version ${third}` }).click();

  await expect(share.getByRole("alert")).toContainText(
    `The shared version changed from ${first} to ${second}. Share ${third} anyway?`,
  );
  await expect(share.getByLabel("Reason")).toHaveValue("Customers wait for the fix");
  await expect(share).toHaveAccessibleDescription(new RegExp(`move from ${second} to ${third}`));
  expect(await team.workato.carriedOut()).toEqual([]);

  await share.getByRole("button", { name: `Share version ${third}` }).click();
  const said = operator.getByRole("status").filter({ hasText: "View operation" });
  await expect(said).toContainText(`Version ${third} of ${title} is now shared (was ${second}).`);
  expect(await team.workato.carriedOut()).toEqual([`connector.share ${connector.id}`]);
});

test("sharing a version that no longer exists shows Workato's refusal", async ({
  operator,
  team,
}) => {
  const { connector, title, path, versions } = await withThreeVersions(team);
  await operator.goto(path);
  await team.workato.alter({ do: "remove_connector", connector_id: connector.id });
  await (await openVersion(operator, versions[0] ?? 0)).getByRole("button").click();
  await expect(operator.getByRole("alert")).toContainText(/Workato refused to share version \d+ of /);
  await expect(operator.getByRole("alert")).toContainText("Not found");
  await expect(operator.getByText("This connector is not in Workato.")).toBeVisible();
  await expect(operator.getByRole("heading", { level: 1 })).toContainText(/\w/);
  expect(title).not.toBe("");
});

test("a change that Workato did not answer is shown as unknown, not as failed", async ({ operator, team }) => {
  const { connector, title, path, versions } = await withThreeVersions(team);
  const version = versions.find((one) => one !== connector.shared?.version);
  await operator.goto(path);
  await team.workato.sandbox.misbehave("POST /api/custom_connectors/**: reset-after x1");
  await (await openVersion(operator, version ?? 0)).getByRole("button").click();
  await expect(operator.getByRole("alert")).toContainText(
    `It's not known whether version ${version} of ${title} was shared.`,
  );
  await expect(operator.getByRole("alert")).toContainText("don't repeat the change until then.");
});

test.describe("in a production team", () => {
  test.use({ production: true });

  test("every change needs a reason, and the page is marked", async ({ operator, team }) => {
    const { connector, title, path, versions } = await withThreeVersions(team);
    const version = versions.find((one) => one !== connector.shared?.version);
    await operator.goto(path);
    // The team switcher, which is closed, has marks of other teams.
    const marks = operator.getByRole("banner").getByText("Production").filter({ visible: true });
    await expect(marks).toHaveCount(1);

    const share = await openVersion(operator, version ?? 0);
    await share.getByRole("button").click();
    await expect(share.getByLabel("Reason")).toHaveAccessibleDescription(/Production teams require one for every change/);
    // Beside the field, and in the summary.
    await expect(operator.getByText("Production teams require one for every change")).toHaveCount(2);
    expect(await team.workato.carriedOut()).toEqual([]);

    await share.getByLabel("Reason").fill("Approved in the release meeting");
    await share.getByRole("button").click();
    await expect(operator.getByText(`Version ${version} of ${title} is now shared`)).toBeVisible();
    expect(await team.workato.carriedOut()).toEqual([`connector.share ${connector.id}`]);
  });
});

function inFolder(all: Connection[], { folder_id }: Connection): number {
  return all.filter((one) => one.folder_id === folder_id).length;
}

/** The names as the list shows them, in its default order. */
function newestFirst(connections: Connection[]): string[] {
  const sorted = connections.toSorted((a, b) => Date.parse(b.updated_at) - Date.parse(a.updated_at) || a.id - b.id);
  return sorted.map((one) => inOneLine(one.name ?? "") || `Connection ${one.id}`);
}

async function withThreeVersions(team: Team) {
  const { connectors } = await team.workato.inside();
  const connector = connectors.find((one) => released(one).length >= 3) ?? missing("a connector with three versions");
  const path = `/teams/${team.slug}/connectors/${connector.id}`;
  const [first, second, third] = released(connector) as [number, number, number];
  return { connector, title: connector.title, path, versions: [first, second, third] as const };
}

async function find(team: Team, id: number): Promise<Connector> {
  const { connectors } = await team.workato.inside();
  return connectors.find((one) => one.id === id) ?? missing(`connector ${id}`);
}

function released(connector: Connector): number[] {
  return connector.versions.filter((one) => one.released_at !== null).map((one) => one.version);
}

/** Updates connections whose last update will be a week ago at some time during the test. */
async function clearTheEdgeOfTheWeek(workspace: Workspace): Promise<void> {
  for (const { id, name, updated_at } of await workspace.connections()) {
    const isAtTheEdge = Math.abs(Date.now() - WEEK - Date.parse(updated_at)) < HOUR;
    if (isAtTheEdge) await workspace.alter({ do: "rename_connection", connection_id: id, name: name ?? `Connection ${id}` });
  }
}

// Connections are created, renamed, tagged, disconnected, deleted and exported: what a person does and sees. The
// integration tests cover what reaches Workato and the audit log when something goes wrong.

import { readFile } from "node:fs/promises";

import type { Locator, Page } from "@playwright/test";

import { expect, test } from "../fixtures";
import type { Team } from "../portal";
import type { Connection } from "../sandbox";
import { missing, plainConnections, unusedConnections } from "./choose";
import { inOneLine } from "./lists";

test("a shell is created with a folder, a parent and an external id, and is listed with its parent", async ({
  operator,
  team,
}) => {
  const [parent = missing("an unused connection")] = await unusedConnections(team.workato);
  await operator.goto(`/teams/${team.slug}/connections/${parent.id}`);
  await operator.getByRole("link", { name: "New child connection" }).click();
  const form = operator.getByRole("form", { name: "New connection" });
  await expect(form.getByLabel("Application")).toHaveValue(parent.application);
  await expect(form.getByLabel("Parent")).toHaveValue(String(parent.id));
  await expect(form.getByLabel("Value 1")).toBeHidden();
  await form.getByLabel("Name", { exact: true }).fill("Derived (shell)");
  await form.getByLabel("Folder").selectOption(String(parent.folder_id));
  await form.getByLabel("External ID").fill("U-1/ä %");
  await form.getByRole("button", { name: "Create connection" }).click();

  await expect(operator).toHaveURL(/\/connections\/\d+\?operation=/);
  await expect(said(operator)).toContainText("Connection Derived (shell) was created.");
  await expect(said(operator)).toContainText("No credentials yet");
  await expect(operator.getByRole("main").getByText("Never connected")).toBeVisible();
  const facts = operator.getByRole("region", { name: "Details" });
  await expect(facts).toContainText("U-1/ä %");
  await facts.getByRole("link", { name: inOneLine(parent.name ?? "") }).click();
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText(inOneLine(parent.name ?? ""));
  const derived = operator.getByRole("region", { name: "Child connections" });
  await expect(derived.getByRole("link", { name: "Derived (shell)" })).toBeVisible();

  const [made] = await team.workato.mutations();
  expect(made?.parameters).toEqual({
    name: "Derived (shell)",
    provider: parent.application,
    folder_id: parent.folder_id,
    parent_id: parent.id,
    external_id: "U-1/ä %",
    shell_connection: true,
  });
});

test("a connection is created with credentials, which a refused form does not show again", async ({
  operator,
  team,
}) => {
  await operator.goto(`/teams/${team.slug}/connections`);
  await operator.getByRole("link", { name: "New connection" }).click();
  const form = operator.getByRole("form", { name: "New connection" });
  await form.getByLabel("Name", { exact: true }).fill("Jira of Acme");
  await form.getByLabel("Application").fill("jira");
  await form.getByLabel("Parent").fill("the other one");
  await form.getByLabel("With credentials").check();
  await form.getByLabel("Field 1").fill("apitoken");
  await form.getByLabel("Value 1").fill("s3cr3t-token");
  await expect(form.getByLabel("Value 1")).toHaveAttribute("type", "password");
  await form.getByRole("button", { name: "Create connection" }).click();

  await expect(form.getByRole("alert")).toContainText("Not sent");
  await expect(form.getByLabel("Parent")).toHaveAccessibleDescription(/A connection ID is a whole number/);
  await expect(form).toContainText("Enter them again");
  await expect(form.getByLabel("Name", { exact: true })).toHaveValue("Jira of Acme");
  await expect(form.getByLabel("Field 1")).toHaveValue("apitoken");
  await expect(form.getByLabel("Value 1")).toHaveValue("");
  expect(await operator.content()).not.toContain("s3cr3t-token");
  expect(operator.url()).not.toContain("s3cr3t-token");

  await form.getByLabel("Parent").fill("");
  await form.getByLabel("Value 1").fill("s3cr3t-token");
  await form.getByRole("button", { name: "Create connection" }).click();
  await expect(said(operator)).toContainText("Connection Jira of Acme was created.");
  await expect(operator.getByText("Connected", { exact: true })).toBeVisible();
  await said(operator).getByRole("link", { name: "View operation" }).click();
  await expect(operator.getByRole("main")).toContainText("apitoken");
  expect(await operator.content()).not.toContain("s3cr3t-token");
});

test("credentials pasted as JSON are corrected after Workato has not accepted them", async ({ operator, team }) => {
  await operator.goto(`/teams/${team.slug}/connections/new`);
  const form = operator.getByRole("form", { name: "New connection" });
  const json = form.getByLabel("Credentials as a JSON object");
  await form.getByLabel("Name", { exact: true }).fill("Wrong token");
  await form.getByLabel("Application").fill("jira");
  await form.getByLabel("With credentials").check();
  await form.getByText("Paste as JSON").click();
  await json.fill('{ "apitoken": "s3cr3t-token", "apitoken": "other" }');
  await form.getByRole("button", { name: "Create connection" }).click();
  await expect(json).toHaveAccessibleDescription(/A name appears twice \(line 1, column \d+\)/);
  await expect(json).toHaveValue("");
  await json.fill('{ "host": { "name": "acme" }, "apitoken": "invalid" }');
  await form.getByRole("button", { name: "Create connection" }).click();
  const alert = operator.getByRole("alert");
  await expect(alert).toContainText("Connection Wrong token was created. Workato could not connect it.");
  await expect(alert).toContainText("the credentials were not accepted");

  await operator.getByRole("link", { name: "Edit" }).click();
  const edit = operator.getByRole("form", { name: "Edit connection" });
  await edit.getByLabel("With credentials").check();
  await edit.getByLabel("Field 1").fill("apitoken");
  await edit.getByLabel("Value 1").fill("the right one");
  await edit.getByRole("button", { name: "Update Wrong token" }).click();
  await expect(said(operator)).toContainText("Connection Wrong token was updated.");
  await expect(operator.getByText("Connected", { exact: true })).toBeVisible();
});

test("a connection is created with an OAuth token pair", async ({ operator, team }) => {
  await operator.goto(`/teams/${team.slug}/connections/new`);
  const form = operator.getByRole("form", { name: "New connection" });
  await form.getByLabel("Name", { exact: true }).fill("Salesforce of Acme");
  await form.getByLabel("Application").fill("salesforce");
  await form.getByLabel("With an OAuth token pair").check();
  await form.getByLabel("Access token").fill("s3cr3t-access");
  await form.getByRole("button", { name: "Create connection" }).click();
  await expect(form.getByLabel("Refresh token")).toHaveAccessibleDescription(/Enter both tokens/);
  await expect(form.getByLabel("Access token")).toHaveValue("");
  await form.getByLabel("Access token").fill("s3cr3t-access");
  await form.getByLabel("Refresh token").fill("s3cr3t-refresh");
  await form.getByRole("button", { name: "Create connection" }).click();
  await expect(said(operator)).toContainText("Connection Salesforce of Acme was created.");
  await expect(operator.getByText("Connected", { exact: true })).toBeVisible();
});

test("a form that Workato refuses keeps what was typed, to be submitted again", async ({ operator, team }) => {
  await team.workato.alter({ do: "set_home_is_project", home_is_project: true });
  const [{ folder_id } = missing("a connection outside Home")] = await plainConnections(team.workato);
  await operator.goto(`/teams/${team.slug}/connections/new`);
  const form = operator.getByRole("form", { name: "New connection" });
  await form.getByLabel("Name", { exact: true }).fill("Homeless");
  await form.getByLabel("Application").fill("jira");
  await form.getByRole("button", { name: "Create connection" }).click();
  const alert = operator.getByRole("alert");
  await expect(alert).toContainText("Workato refused to create connection Homeless.");
  await expect(alert).toContainText("Choose a different folder");
  await expect(form.getByLabel("Name", { exact: true })).toHaveValue("Homeless");
  await form.getByLabel("Folder").selectOption(String(folder_id));
  await form.getByRole("button", { name: "Create connection" }).click();
  await expect(said(operator)).toContainText("Connection Homeless was created.");
  expect(await team.workato.carriedOut()).toHaveLength(1);
});

test("a connection is renamed, and nothing else about it changes", async ({ operator, team }) => {
  const [connection = missing("an unused connection")] = await unusedConnections(team.workato);
  const name = inOneLine(connection.name ?? "");
  await operator.goto(`/teams/${team.slug}/connections/${connection.id}`);
  await operator.getByRole("link", { name: "Edit" }).click();
  const form = operator.getByRole("form", { name: "Edit connection" });
  await form.getByRole("button", { name: `Update ${name}` }).click();
  await expect(form).toContainText("Nothing was changed here, so nothing was sent");
  await form.getByLabel("Name", { exact: true }).fill("Quite another name");
  await form.getByRole("button", { name: `Update ${name}` }).click();

  await expect(said(operator)).toContainText(`Connection ${name} was updated. Its new name is Quite another name.`);
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText("Quite another name");
  expect((await team.workato.mutations()).map((one) => one.parameters)).toEqual([{ name: "Quite another name" }]);
  expect((await find(team, connection.id)).authorized_at).toBe(connection.authorized_at);
  await said(operator).getByRole("link", { name: "View operation" }).click();
  await expect(operator.getByRole("main")).toContainText(name);
  await expect(operator.getByRole("main")).toContainText("Quite another name");
});

test("a connection is disconnected, with Force if active recipes use it", async ({ operator, team }) => {
  const [free, used] = await unusedConnections(team.workato);
  if (!free || !used) throw missing("two unused connections");
  const { recipes } = await team.workato.inside();
  await team.workato.alter({ do: "use_connection", connection_id: used.id, recipe_id: recipes[0]?.id });

  await ask(operator, team, free, "Disconnect");
  const name = inOneLine(free.name ?? "");
  await expect(said(operator)).toContainText(`Connection ${name} was disconnected.`);
  await ask(operator, team, free, "Disconnect");
  await expect(said(operator)).toContainText("was disconnected already. There was nothing to do.");

  const form = await ask(operator, team, used, "Disconnect");
  const alert = operator.getByRole("alert");
  await expect(alert).toContainText("“You can't disconnect a connection used by active recipes”");
  await expect(alert).toContainText("choose “Force” under Disconnect");
  await expect(form.getByLabel("Only if no active recipe uses it")).toBeChecked();
  await form.getByLabel("Force").check();
  await form.getByLabel(/^Type .* to confirm$/s).fill(inOneLine(used.name ?? ""));
  await form.getByLabel("Reason").fill("The contract ended");
  await form.getByRole("button", { name: /^Disconnect / }).click();
  await expect(said(operator)).toContainText("was disconnected.");
  await expect(form.getByLabel("Force")).toHaveCount(0);
  expect((await team.workato.mutations()).map((one) => one.parameters)).toEqual([{ force: false }, { force: true }]);
});

test("a connection is deleted once neither recipes nor audit log streaming use it", async ({ operator, team }) => {
  const [connection = missing("an unused connection")] = await unusedConnections(team.workato);
  const { recipes } = await team.workato.inside();
  const recipe_id = recipes[0]?.id;
  await team.workato.alter({ do: "use_connection", connection_id: connection.id, recipe_id });
  await team.workato.alter({ do: "stream_audit_log_to", connection_id: connection.id });

  await ask(operator, team, connection, "Delete");
  const alert = operator.getByRole("alert");
  await expect(alert).toContainText("“You can't delete a connection used by active recipes”");
  await expect(alert).toContainText("Stop those recipes in Workato");
  await team.workato.alter({ do: "set_recipe_active", recipe_id, active: false });

  await ask(operator, team, connection, "Delete");
  await expect(alert).toContainText("“You can't delete a connection used by audit log streaming”");
  await expect(alert).toContainText("Choose another destination for audit log streaming");
  await team.workato.alter({ do: "stream_audit_log_to", connection_id: null });

  await ask(operator, team, connection, "Delete");
  await expect(said(operator)).toContainText("was deleted.");
  expect(await team.workato.carriedOut()).toEqual([`connection.delete ${connection.id}`]);
  const rows = operator.getByRole("list", { name: "History" }).getByRole("listitem");
  await expect(rows).toContainText(["deleted connection", "tried to delete", "tried to delete"]);
});

test("a connection is tagged by title and untagged by a button", async ({ operator, team }) => {
  const unused = await unusedConnections(team.workato);
  const connection = unused.find((one) => !one.tags?.length) ?? missing("an unused connection without tags");
  await operator.goto(`/teams/${team.slug}/connections/${connection.id}`);
  const form = operator.getByRole("form", { name: "Tags" });
  await expect(form).toContainText("No tags");
  await form.getByLabel("Add a tag").selectOption({ label: "Payroll" });
  await form.getByRole("button", { name: "Add tag" }).click();
  await expect(said(operator)).toContainText("The tags of connection");
  const tags = form.getByRole("list", { name: "Tags of this connection" });
  await expect(tags.getByRole("listitem")).toContainText(["Payroll"]);
  expect((await find(team, connection.id)).tags).toHaveLength(1);
  await form.getByRole("button", { name: "Remove the tag Payroll" }).click();
  await expect(form).toContainText("No tags");
  expect((await find(team, connection.id)).tags).toEqual([]);
});

test("the filtered list is exported as a file", async ({ viewer, team }) => {
  const all = await team.workato.connections();
  const expected = all.filter((one) => one.authorization_status === "success");
  await viewer.goto(`/teams/${team.slug}/connections?status=success`);
  const [download] = await Promise.all([
    viewer.waitForEvent("download"),
    viewer.getByRole("button", { name: "Export CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(new RegExp(`^connections-${team.slug}-\\d{4}-\\d\\d-\\d\\d\\.csv$`));
  const lines = (await readFile(await download.path(), "utf8")).split("\n").filter((line) => /^"\d+",/.test(line));
  expect(lines.map((line) => Number(line.split('"')[1])).toSorted((a, b) => a - b)).toEqual(
    expected.map((one) => one.id).toSorted((a, b) => a - b),
  );
  await viewer.goto(`/audit?team=${team.slug}&action=connection.export`);
  await expect(viewer.getByRole("table")).toContainText(`Vito Viewer exported ${expected.length} connections`);
});

/** What the page says after a change that succeeded. */
function said(page: Page): Locator {
  return page.getByRole("status").filter({ hasText: "View operation" });
}

/** Fills in and submits the form for a change that cannot be undone; returns the form. */
async function ask(page: Page, team: Team, connection: Connection, what: "Disconnect" | "Delete"): Promise<Locator> {
  const name = inOneLine(connection.name ?? "");
  const title = what === "Delete" ? "Delete this connection" : what;
  await page.goto(`/teams/${team.slug}/connections/${connection.id}`);
  const form = page.getByRole("form", { name: title });
  if (!(await form.isVisible())) await page.getByRole("heading", { name: title }).click();
  await form.getByLabel(/^Type .* to confirm$/s).fill(name);
  await form.getByLabel("Reason").fill("The contract ended");
  await form.getByRole("button", { name: `${what} ${name}` }).click();
  await expect(page).toHaveURL(/\?operation=/);
  return form;
}

async function find(team: Team, id: number): Promise<Connection> {
  return (await team.workato.connections()).find((one) => one.id === id) ?? missing(`connection ${id}`);
}

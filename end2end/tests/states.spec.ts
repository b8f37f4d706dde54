// What pages show when something is missing or wrong: an empty workspace, no match, Workato down, slow or refusing, no
// token, an unknown page, no right. Each is one of the portal's own pages, with the right status and a link that leads on.

import type { Page, Response } from "@playwright/test";

import { expect, PEOPLE, signIn, test } from "../fixtures";
import { missing } from "./choose";
import { navigation } from "./frame";
import { applyFilters, openFilters, rowsOf } from "./lists";
import { openNewestVersion } from "./versions";
import { post } from "./posts";

test("the pages of an empty workspace say so, and what will appear there", async ({ operator, team }) => {
  const [connections, { connectors }] = await Promise.all([team.workato.connections(), team.workato.inside()]);
  for (const { id } of connections) await team.workato.alter({ do: "remove_connection", connection_id: id });
  for (const { id } of connectors) await team.workato.alter({ do: "remove_connector", connector_id: id });

  await operator.goto(`/teams/${team.slug}/connections`);
  await expect(operator.getByRole("heading", { name: "No connections in this workspace" })).toBeVisible();
  await operator.getByRole("link", { name: "Include runtime users’ connections" }).click();
  await expect(operator).toHaveURL(/include_runtime_connections=true/);
  await operator.goto(`/teams/${team.slug}/connectors`);
  await expect(operator.getByRole("heading", { name: "No connectors yet" })).toBeVisible();
});

test("a filter without a match links to the whole list", async ({ operator, team }) => {
  for (const [list, heading, back, caption] of [
    [`/teams/${team.slug}/connections?q=no+such+name`, "No connection matches", "show all connections", "Connections"],
    [`/teams/${team.slug}/connectors?title=no+such`, "No connector matches", "show all connectors", "Connectors"],
    ["/audit?q=no+such+words", "No operations match", "show all operations", "Operations, newest first"],
  ] as const) {
    const answer = await operator.goto(list);
    expect(answer?.status()).toBe(200);
    await expect(operator.getByRole("heading", { name: heading })).toBeVisible();
    await expect(operator.getByRole("table")).toHaveCount(0);
    await operator.getByRole("link", { name: back }).click();
    await expect(rowsOf(operator, caption)).not.toHaveCount(0);
  }
  await operator.goto(`/teams/${team.slug}/connections?page=99`);
  await expect(operator.getByRole("heading", { name: "There is no page 99" })).toBeVisible();
  await operator.getByRole("link", { name: "Go to the last page" }).click();
  await expect(rowsOf(operator, "Connections")).not.toHaveCount(0);
});

test("while Workato is down the page says so, and works again afterwards", async ({
  operator,
  team,
  complaints,
}) => {
  complaints.expect(502);
  await team.workato.sandbox.misbehave("GET /api/connections: 500");
  const answer = await operator.goto(`/teams/${team.slug}/connections?q=a`);
  await expectRefusal(operator, answer, 502, "Workato returned an error");
  await expect(operator.getByText("GET /api/connections failed at Workato (500): Server error.")).toBeVisible();

  await team.workato.sandbox.behave();
  await operator.getByRole("link", { name: "Try again" }).click();
  await expect(rowsOf(operator, "Connections")).not.toHaveCount(0);
  await expect(operator).toHaveURL(/\?q=a$/);
});

test("while Workato limits the workspace the page says when to try again", async ({ operator, team, complaints }) => {
  complaints.expect(503);
  await team.workato.sandbox.misbehave("GET /api/custom_connectors: 429 retry-after=30");
  const answer = await operator.goto(`/teams/${team.slug}/connectors`);
  await expectRefusal(operator, answer, 503, "Workato is limiting requests");
  expect(Number(answer?.headers()["retry-after"])).toBeGreaterThan(0);
});

test.describe("with a short time limit for calls", () => {
  test.use({ settings: { PORTAL_WORKATO_TIMEOUT: "5" } });

  test("the page says that Workato took too long to answer", async ({ operator, team, complaints }) => {
    complaints.expect(504);
    await team.workato.sandbox.misbehave("GET /api/connections: hang");
    const answer = await operator.goto(`/teams/${team.slug}/connections`);
    await expectRefusal(operator, answer, 504, "Workato took too long to answer");
  });
});

test("with a token that may not read names, pages show ids, say why, and otherwise work", async ({ operator, team }) => {
  await team.workato.restrict(["workspace", "read_connections", "read_connectors"]);
  await operator.goto(`/teams/${team.slug}/connections`);
  await expect(rowsOf(operator, "Connections")).not.toHaveCount(0);
  const filters = operator.getByRole("search", { name: "Filter connections" });
  await openFilters(filters);
  await expect(filters.getByRole("textbox", { name: "Folder" })).toHaveAccessibleDescription(/privilege/);
  await expect(filters.getByRole("textbox", { name: "Tag" })).toHaveAccessibleDescription(/privilege/);
  const handles = (await team.workato.connections()).flatMap((one) => one.tags ?? []);
  await filters.getByRole("textbox", { name: "Tag" }).fill(handles[0] ?? missing("a tagged connection"));
  await applyFilters(filters);
  await expect(rowsOf(operator, "Connections")).not.toHaveCount(0);
});

test("a team without a token has no pages yet, and is forbidden to people of other teams", async ({
  admin,
  viewer,
  team,
  complaints,
}) => {
  complaints.expect(503);
  complaints.expect(403);
  const slug = `${team.slug}-to-be`;
  await post(admin, "create_team", { name: "To be", slug, workato_url: team.workato.sandbox.url });

  await expectRefusal(admin, await admin.goto(`/teams/${slug}/connections`), 503, "This team has no token yet");
  await admin.getByRole("link", { name: "Teams and their tokens" }).click();
  await expect(admin).toHaveURL("/admin/teams");

  for (const path of [`/teams/${slug}/connections`, `/teams/${slug}/connectors`, "/admin/teams", "/admin/people"]) {
    await expectRefusal(viewer, await viewer.goto(path), 403, "You don't have permission");
  }
});

test("an address that leads nowhere shows a page that says so", async ({ operator, team, complaints }) => {
  complaints.expect(404);
  for (const path of [
    "/no/such/page",
    "/teams/nobody/connections",
    `/teams/${team.slug}/connections/1`,
    `/teams/${team.slug}/connectors/1`,
    `/teams/${team.slug}/connectors/1/code`,
    `/teams/${team.slug}/customers/1`,
    "/audit/0199c0de-0000-7000-8000-000000000000",
  ]) {
    await expectRefusal(operator, await operator.goto(path), 404, "Page not found");
  }
});

test("a change is refused if the right has been taken away in the meantime, and the attempt is in the log", async ({
  operator,
  portal,
  team,
  complaints,
}) => {
  complaints.expect(403);
  const { connectors } = await team.workato.inside();
  const connector = connectors.find((one) => one.shared) ?? missing("a shared connector");
  await operator.goto(`/teams/${team.slug}/connectors/${connector.id}`);
  await portal.setMember(team.slug, "operator", "viewer");

  // Other rights end the session. The form is still there in this tab when the person signs in again in another.
  const otherTab = await operator.context().newPage();
  await otherTab.goto("/account");
  await signIn(otherTab, PEOPLE.operator);
  await expect(otherTab).toHaveURL("/account");
  await otherTab.close();

  await (await openNewestVersion(operator)).getByRole("button").click();
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText("You don't have permission");
  await expect(await navigation(operator)).toBeVisible();
  expect(await team.workato.carriedOut()).toEqual([]);
  await operator.getByRole("main").getByRole("link", { name: /^[0-9a-f-]{36}$/ }).click();
  await expect(operator.getByRole("heading", { level: 1 })).toContainText("Olga Operator wasn't allowed to share");
});

async function expectRefusal(page: Page, answer: Response | null, status: number, heading: string): Promise<void> {
  expect(answer?.status()).toBe(status);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
  await expect(page.getByRole("main")).toContainText(/Request ID \S+/);
  await expect(page.getByRole("link", { name: "Go to home" })).toBeVisible();
  await expect(await navigation(page)).toBeVisible();
}

// axe finds no violation on any page, light or dark, as wide as a desktop or a phone; and no page scrolls sideways. Only
// with JavaScript, which axe is written in.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, test } from "../fixtures";
import { missing, unusedConnections } from "./choose";
import { post } from "./posts";
import { openNewestVersion } from "./versions";

test("pages before signing in", async ({ page, complaints }) => {
  complaints.expect(404);
  for (const path of ["/login", "/setup?secret=none", "/no/such/page"]) await expectGood(page, path);
  await page.goto("/login");
  await page.getByLabel("Email").fill("nobody@example.com");
  await page.getByLabel("Password").fill("not a password");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
  await expectGoodHere(page);
});

test("the pages that an operator reads", async ({ operator, team, complaints }) => {
  complaints.expect(422);
  complaints.expect(404);
  const [connection = missing("a connection")] = await unusedConnections(team.workato);
  const { connectors, customers } = await team.workato.inside();
  const home = `/teams/${team.slug}`;
  const folder = connection.folder_id;
  for (const path of [
    `${home}/connections`,
    `${home}/connections?folder_id=${folder}&updated_after=30d&status=success&sort=name`,
    `${home}/connections?external_id=none`,
    `${home}/connections?updated_after=yesterday-ish&page=-1`,
    `${home}/connections/${connection.id}`,
    `${home}/connections/1`,
    `${home}/connectors`,
    `${home}/connectors?title=no+such`,
    `${home}/connectors/${connectors[0]?.id}/code`,
    `${home}/connectors/${connectors[0]?.id}/compare?from=1&to=2`,
    `${home}/connectors/${connectors[0]?.id}/promote`,
    `${home}/customers`,
    `${home}/customers?q=no+such`,
    `${home}/customers?page=-1`,
    `${home}/customers/${customers[0]?.id}`,
    `${home}/recipes?customer=${customers[0]?.id}`,
    `${home}/recipes?recipe=x`,
    "/",
    "/approvals",
    "/audit",
    "/account",
  ]) {
    await expectGood(operator, path);
  }
});

test("the pages on which an operator changes something", async ({ operator, team }) => {
  const { connectors } = await team.workato.inside();
  const connector = connectors.find((one) => one.shared)?.id;
  await expectGood(operator, `/teams/${team.slug}/connectors/${connector}`);
  await operator.getByRole("heading", { name: "Suppress this connector" }).click();
  await operator.getByRole("button", { name: /^Suppress / }).click();
  await expect(operator.getByLabel(/^Type .* to confirm$/s)).toHaveAttribute("aria-invalid", "true");
  await expectGoodHere(operator);
  await (await openNewestVersion(operator)).getByRole("button").click();
  await expect(operator.getByRole("status").filter({ hasText: "is now shared" })).toBeVisible();
  await expectGoodHere(operator);
  await operator.getByRole("link", { name: "View operation" }).click();
  for (const summary of await operator.getByText("Raw JSON").all()) await summary.click();
  await expectGoodHere(operator);
});

test("the pages on which a connection is created, changed and disconnected", async ({ operator, team }) => {
  const tagged = (await unusedConnections(team.workato)).filter((one) => one.tags?.length);
  const [{ id: connection } = missing("an unused connection with tags")] = tagged;
  const { recipes } = await team.workato.inside();
  await team.workato.alter({ do: "use_connection", connection_id: connection, recipe_id: recipes[0]?.id });
  const home = `/teams/${team.slug}/connections`;
  await expectGood(operator, `${home}?include_runtime_connections=true&sort=name`);
  await expectGood(operator, `${home}/${connection}/edit`);
  await expectGood(operator, `${home}/new?parent_id=${connection}`);
  await operator.getByLabel("With an OAuth token pair").check();
  await expectGoodHere(operator);
  await operator.getByLabel("With credentials").check();
  await operator.getByText("Paste as JSON").click();
  await operator.getByLabel("Credentials as a JSON object").fill("{}");
  await operator.getByRole("button", { name: "Create connection" }).click();
  await expect(operator.getByLabel("Credentials as a JSON object")).toHaveAttribute("aria-invalid", "true");
  await expectGoodHere(operator);

  await operator.goto(`${home}/${connection}`);
  for (const title of ["Delete this connection", "Disconnect"]) {
    await operator.getByRole("heading", { name: title }).click();
    await expectGoodHere(operator);
  }
  const form = operator.getByRole("form", { name: "Disconnect" });
  await form.getByRole("button", { name: /^Disconnect / }).click();
  await expect(form.getByLabel(/^Type .* to confirm$/s)).toHaveAttribute("aria-invalid", "true");
  await expectGoodHere(operator);
  await form.getByLabel("Reason").fill("The contract ended");
  await form.getByLabel(/^Type .* to confirm$/s).fill(/Type (.*) to confirm/.exec(await form.innerText())?.[1] ?? "");
  await form.getByRole("button", { name: /^Disconnect / }).click();
  await expect(form.getByLabel("Force")).toBeVisible();
  await expectGoodHere(operator);
});

test("the page on which a recipe is shared, after a refusal and a question", async ({ operator, team }) => {
  const { customers } = await team.workato.inside();
  const form = operator.getByRole("form", { name: "Share a recipe with a customer" });
  await operator.goto(`/teams/${team.slug}/recipes?recipe=1&customer=${customers[0]?.id}`);
  await form.getByRole("button", { name: "Share the recipe" }).click();
  await expect(operator.getByRole("alert")).toContainText("Workato refused to share recipe 1");
  await expectGoodHere(operator);
  await form.getByLabel("Name").check();
  await form.getByLabel("Customer", { exact: true }).fill("a");
  await form.getByRole("button", { name: "Share the recipe" }).click();
  await expect(form.getByRole("group", { name: "Choose the customer" })).toBeVisible();
  await expectGoodHere(operator);
});

test("an auditor's pages", async ({ auditor, viewer, team, complaints }) => {
  complaints.expect(422);
  const { connectors } = await team.workato.inside();
  const { answer } = await post(viewer, "share_version", { team: team.slug, connector: 1, version: 1 });
  expect(answer.status()).toBe(403);
  for (const path of [
    `/audit?team=${team.slug}&outcome=denied`,
    "/audit?after=24h&q=no+such+words",
    `/teams/${team.slug}/connectors/${connectors[0]?.id}`,
    "/audit/figures?days=8",
    "/views",
  ]) {
    await expectGood(auditor, path);
  }
});

test("the pages on which an auditor reviews", async ({ auditor, operator, team, viewport }) => {
  const { connectors } = await team.workato.inside();
  const { id, title } = connectors.find((one) => one.shared) ?? missing("a shared connector");
  await post(operator, "suppress_connector", { team: team.slug, connector: id, name: title, confirm: title, reason: "It is wrong" });
  await auditor.goto(`/audit?team=${team.slug}&reviewed=no`);
  await auditor.getByRole("button", { name: "Save this view" }).click();
  const keep = auditor.getByRole("form", { name: "Save this view" });
  await keep.getByLabel("Name").fill(`Open in ${team.name} ${viewport?.width}`);
  await keep.getByLabel("Share with everyone").check();
  await keep.getByRole("button", { name: "Save view" }).click();
  await expect(auditor.getByRole("status").filter({ hasText: "View saved" })).toBeVisible();
  await expectGoodHere(auditor);
  await expectGood(auditor, "/views");
  for (const path of [`/audit/figures?team=${team.slug}`, "/audit/figures?days=90"]) {
    await auditor.goto(path);
    for (const summary of await auditor.getByText("Show as table").all()) await summary.click();
    await expectGoodHere(auditor);
  }
  await auditor.goto(`/audit?team=${team.slug}&action=connector.suppress`);
  await auditor.getByRole("button", { name: "Keyboard" }).click();
  await expectGoodHere(auditor);
  await auditor.keyboard.press("Escape");
  await auditor.getByRole("link", { name: `suppressed ${title}` }).click();
  await expect(auditor.getByRole("complementary", { name: "Operation" })).toBeVisible();
  await expectGoodHere(auditor);
  await auditor.getByRole("link", { name: "Open full operation" }).click();
  await auditor.getByLabel("Question").fill("Is it?");
  await auditor.getByRole("button", { name: "Flag it" }).click();
  await expect(auditor.getByRole("status").filter({ hasText: "Operation flagged" })).toBeVisible();
  for (const summary of await auditor.locator("details.related > summary").all()) await summary.click();
  await expectGoodHere(auditor);
  await operator.goto(auditor.url());
  await expectGoodHere(operator);
});

test.describe("of a production team", () => {
  test.use({ production: true });

  test("a request, before and after a second person decided", async ({ portal, operator, admin, team, sessions }) => {
    await portal.setMember(team.slug, "admin", "operator");
    await sessions.begin();
    const { connectors } = await team.workato.inside();
    const connector = connectors.find((one) => one.shared) ?? missing("a shared connector");
    const fields = { team: team.slug, connector: connector.id, confirm: connector.id, reason: "It charges twice" };
    const { operation } = await post(operator, "suppress_connector", fields);
    for (const page of [operator, admin]) {
      await expectGood(page, "/approvals");
      await expectGood(page, `/approvals/${operation}`);
    }
    await post(admin, "approve_request", { operation });
    for (const path of ["/approvals", `/approvals/${operation}`, `/audit/${operation}`]) await expectGood(admin, path);
    await expectGood(operator, `/teams/${team.slug}/connectors/${connector.id}`);
  });

  test("an admin's pages", async ({ admin, team, complaints }) => {
    complaints.expect(503);
    const slug = `${team.slug}-to-be`;
    await post(admin, "create_team", { name: "To be", slug, workato_url: team.workato.sandbox.url });
    for (const path of [
      `/teams/${team.slug}/connections`,
      `/teams/${slug}/connections`,
      "/admin/teams",
      "/admin/teams/new",
      `/admin/teams/${team.slug}?done=token-tested`,
      `/admin/teams/${slug}`,
      "/admin/people",
    ]) {
      await expectGood(admin, path);
    }
    await admin.getByLabel("Email").fill("nora@example.com");
    await admin.getByLabel("Name", { exact: true }).fill("Nora Newcomer");
    await admin.getByRole("button", { name: "Invite" }).click();
    await expect(admin.getByRole("textbox", { name: "Link" })).toBeVisible();
    await expectGoodHere(admin);
    await expectGood(admin, "/admin/feeds");
    await admin.getByLabel("Name", { exact: true }).fill("Vector in the cluster");
    await admin.getByRole("button", { name: "Create token" }).click();
    await expect(admin.getByText("It won't be shown again")).toBeVisible();
    await expectGoodHere(admin);
  });
});

async function expectGood(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expectGoodHere(page);
}

async function expectGoodHere(page: Page): Promise<void> {
  // Pages have no frames, so axe needs no second page to combine results in.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ["violations"] });
  const { violations } = await axe.analyze();
  const told = violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.html) }));
  expect.soft(told, `axe violations on ${page.url()}`).toEqual([]);
  const tooWide = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const all = [...document.querySelectorAll("body *")];
    return all.filter((one) => one.getBoundingClientRect().right > clientWidth).map((one) => one.outerHTML.slice(0, 120));
  });
  expect.soft(tooWide, `elements wider than the page on ${page.url()}`).toEqual([]);
}

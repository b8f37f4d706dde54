// Promote a connector: confirm its counterpart, see what changes, promote, have the share approved by a second person in
// another browser, and find what was done in the audit log. The integration tests cover rights, failures and crashes.

import type { Page } from "@playwright/test";

import { expect, test } from "../fixtures";
import type { Portal, Team } from "../portal";
import type { Connector, Sandbox, Workspace } from "../sandbox";
import { missing } from "./choose";

const CODE = "{\n  title: 'Ledger',\n  retries: 1,\n}\n";
const NEXT = "{\n  title: 'Ledger',\n  retries: 3,\n}\n";

// The worker that checks a promotion after its approval runs as often as settling.
test.use({ size: { workspaces: 2, connections: 20 }, settings: { PORTAL_SETTLE_EVERY: "1" } });

test("a version goes from staging to production", async ({ portal, sandbox, team, sessions, operator }) => {
  const { staging, source, counterpart, path } = await prepare(portal, sandbox, team);
  await sessions.begin();
  await operator.goto(`/teams/${staging.slug}/connectors/${source.id}`);
  await operator.getByRole("link", { name: "Promote" }).click();
  await operator.getByRole("navigation", { name: "Promote to" }).getByRole("link", { name: team.name }).click();
  await expect(operator).toHaveURL(path);
  await choose(operator, team, counterpart);

  const form = operator.getByRole("form", { name: "Promote" });
  await expect(operator.getByRole("region", { name: /^Code changes, / })).toContainText("+   retries: 3,");
  await expect(operator.getByRole("region", { name: "Impact" })).toBeVisible();
  await form.getByLabel("Release note").fill("Retries, tested in staging");
  await form.getByLabel("Reason").fill("Release train 12");
  await form.getByRole("button", { name: "Promote" }).click();
  const progress = operator.getByRole("region", { name: "Progress" });
  await expect(progress).toContainText("Done. ", { timeout: 20_000 });
  await expect(progress.getByRole("row", { name: /^Share version/ })).toContainText("Done");
  const id = counterpart.id;
  expect(await team.workato.carriedOut()).toEqual([
    `connector.update ${id}`,
    `connector.release ${id}`,
    `connector.share ${id}`,
  ]);
  const inside = await connector(team.workato, id);
  expect(inside.code).toBe(NEXT);
  expect(inside.shared?.version).toBe(inside.versions.at(-1)?.version);

  await progress.getByRole("row", { name: /^Release the draft/ }).getByRole("link").click();
  await expect(operator.getByRole("heading", { level: 1 })).toContainText("released the draft of");
  await expect(operator.getByRole("main")).not.toContainText("retries: 3");
});

test("the share waits for a second person, and the promotion ends once they approve", async ({
  portal,
  sandbox,
  sessions,
  operator,
  admin,
}) => {
  const production = await portal.addTeam(sandbox, { production: true, name: "Production" });
  const { counterpart, path } = await prepare(portal, sandbox, production);
  await portal.setMember(production.slug, "admin", "operator");
  await sessions.begin();
  await admin.goto(`/admin/teams/${production.slug}`);
  const policy = admin.getByRole("form", { name: "Approval" });
  await policy.getByLabel("Share a version", { exact: true }).check();
  await policy.getByLabel("Reason").fill("Two people for customers");
  await policy.getByRole("button", { name: /save/i }).click();
  await operator.goto(path);
  await choose(operator, production, counterpart);
  await expect(operator.getByText("Sharing needs a second person in Production.")).toBeVisible();
  const form = operator.getByRole("form", { name: "Promote" });
  await form.getByLabel("Reason").fill("Release train 12");
  await form.getByRole("button", { name: "Promote" }).click();
  const progress = operator.getByRole("region", { name: "Progress" });
  await expect(progress.getByRole("row", { name: /^Share version/ })).toContainText("Waiting for approval", {
    timeout: 20_000,
  });
  const request = await progress.getByRole("link", { name: "Request" }).getAttribute("href");
  await admin.goto(request ?? missing("the request"));
  await admin.getByRole("region", { name: "Approval" }).getByRole("button", { name: "Approve" }).click();
  await expect(async () => {
    await operator.reload();
    await expect(progress).toContainText("Done. ", { timeout: 1_000 });
  }).toPass();
  expect((await connector(production.workato, counterpart.id)).code).toBe(NEXT);
});

/** A staging team with a release that production does not have. */
async function prepare(portal: Portal, sandbox: Sandbox, production: Team) {
  const staging = await portal.addTeam(sandbox, { name: "Staging" });
  const [source = missing("a connector")] = (await staging.workato.inside()).connectors;
  const counterpart = (await production.workato.inside()).connectors[1] ?? missing("a counterpart");
  await release(staging.workato, source, NEXT);
  await release(production.workato, counterpart, CODE);
  const path = `/teams/${staging.slug}/connectors/${source.id}/promote?to=${production.slug}`;
  return { staging, source, counterpart, path };
}

async function release(workspace: Workspace, { id }: Connector, code: string): Promise<void> {
  await workspace.alter({ do: "rewrite_connector", connector_id: id, code });
  await workspace.alter({ do: "release_version", connector_id: id, note: null });
}

async function choose(page: Page, team: Team, counterpart: Connector): Promise<void> {
  const form = page.getByRole("form", { name: "Counterpart" });
  await form.getByLabel(`Connector in ${team.name}`).selectOption(String(counterpart.id));
  await form.getByRole("button", { name: "Confirm counterpart" }).click();
  await expect(page.getByText("Counterpart confirmed.")).toBeVisible();
}

async function connector(workspace: Workspace, id: number): Promise<Connector> {
  return (await workspace.inside()).connectors.find((one) => one.id === id) ?? missing("the connector");
}

// The three pages that the README shows, at the end of a team's day.

import { resolve } from "node:path";

import type { Page } from "@playwright/test";

import { expect, test as base } from "../fixtures";
import type { Team } from "../portal";
import { navigation } from "../tests/frame";
import { post, share } from "../tests/posts";
import { openVersion } from "../tests/versions";

const test = base.extend({
  team: async ({ portal, sandbox, sessions }, use) => {
    const team = await portal.addTeam(sandbox, { name: "Payments", production: true });
    await sessions.begin();
    await use(team);
  },
});

test("the pictures of the README", async ({ operator, viewer, team }) => {
  const connector = await aDay(team, operator, viewer);
  const home = `/teams/${team.slug}`;

  await operator.goto(`${home}/connections?updated_after=30d&sort=-updated_at`);
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText("Connections");
  await picture(operator, "connections");

  await operator.goto(`${home}/connectors/${connector}`);
  const share = await openVersion(operator, 5);
  await share.getByLabel("Reason").fill("Approved in the release meeting");
  await share.getByRole("button", { name: "Share version 5" }).click();
  await expect(operator.getByText("is shared now")).toBeVisible();
  await picture(operator, "connector");

  await (await navigation(operator)).getByRole("link", { name: "Audit log" }).click();
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText("Audit log");
  await picture(operator, "audit");
});

/** Does one thing of each kind; returns the connector that most of it was about. */
async function aDay(team: Team, operator: Page, viewer: Page): Promise<number> {
  const { connectors, recipes } = await team.workato.inside();
  const [first, second] = connectors.filter((one) => one.shared && one.versions.length >= 6);
  if (!first || !second) throw new Error("The sandbox has no connector with six versions that is shared.");
  const used = recipes.find((one) => one.active)?.connection_ids[0] ?? 0;
  const all = await team.workato.connections();
  const name = (id: number) => all.find((one) => one.id === id)?.name ?? "";
  const remove = (connection: number, reason: string) => {
    const typed = { name: name(connection), confirm: name(connection) };
    return post(operator, "delete_connection", { team: team.slug, connection, reason, ...typed });
  };

  await share(operator, team, { connector: second.id, version: 2, reason: "The new one drops refunds" });
  await share(operator, team, { connector: first.id, version: 4, reason: "Pilot customers are ready" });
  await remove(used, "Replaced by the shared account");
  await share(operator, team, { connector: first.id, version: 99, reason: "Hotfix for empty line items" });
  const { id, title } = second;
  const suppress = { team: team.slug, connector: id, name: title, confirm: title, reason: "It loses invoices" };
  await post(viewer, "suppress_connector", suppress);
  await post(operator, "suppress_connector", suppress);
  return first.id;
}

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: resolve(import.meta.dirname, `../../docs/screenshots/${name}.png`) });
}

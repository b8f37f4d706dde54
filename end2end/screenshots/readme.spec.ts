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
  const { connector, newest } = await aDay(team, operator, viewer);
  const home = `/teams/${team.slug}`;

  await operator.goto(`${home}/connections?updated_after=30d&sort=-updated_at`);
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText("Connections");
  await picture(operator, "connections");

  await operator.goto(`${home}/connectors/${connector}`);
  const share = await openVersion(operator, newest);
  await share.getByLabel("Reason").fill("Approved in the release meeting");
  await share.getByRole("button", { name: `Share version ${newest}` }).click();
  await expect(operator.getByText("is now shared")).toBeVisible();
  await picture(operator, "connector");

  await (await navigation(operator)).getByRole("link", { name: "Audit log" }).click();
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText("Audit log");
  await picture(operator, "audit");
});

/** Does one thing of each kind; returns the connector that most of it was about, with its newest version, which is not shared. */
async function aDay(team: Team, operator: Page, viewer: Page): Promise<{ connector: number; newest: number }> {
  const { connectors, recipes } = await team.workato.inside();
  const released = (one: (typeof connectors)[number]) =>
    one.versions.filter((version) => version.released_at !== null).map((version) => version.version);
  const [first, second] = connectors.filter((one) => one.shared && released(one).length >= 5);
  const [before, newest] = first ? released(first).slice(-2) : [];
  if (!first || !second || !before || !newest) throw new Error("The sandbox lacks two shared connectors with five releases.");
  const used = recipes.find((one) => one.active)?.connection_ids[0] ?? 0;
  const all = await team.workato.connections();
  const name = (id: number) => all.find((one) => one.id === id)?.name ?? "";
  const remove = (connection: number, reason: string) => {
    const typed = { name: name(connection), confirm: name(connection) };
    return post(operator, "delete_connection", { team: team.slug, connection, reason, ...typed });
  };

  await share(operator, team, { connector: second.id, version: released(second)[0] ?? 1, reason: "The new one drops refunds" });
  await share(operator, team, { connector: first.id, version: before, reason: "Pilot customers are ready" });
  await remove(used, "Replaced by the shared account");
  await share(operator, team, { connector: first.id, version: 99, reason: "Hotfix for empty line items" });
  const { id, title } = second;
  const suppress = { team: team.slug, connector: id, name: title, confirm: title, reason: "It loses invoices" };
  await post(viewer, "suppress_connector", suppress);
  await post(operator, "suppress_connector", suppress);
  return { connector: first.id, newest };
}

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => window.scrollTo(0, 0));
  const file = `${name}-${test.info().project.name}.png`;
  await page.screenshot({ path: resolve(import.meta.dirname, `../../docs/screenshots/${file}`) });
}

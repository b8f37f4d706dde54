// The home page: what needs attention leads to where it is dealt with, and what was dealt with is gone.

import { expect, test } from "../fixtures";
import type { Team } from "../portal";
import type { Connector } from "../sandbox";
import { missing, plainConnections, unusedConnections } from "./choose";
import { inOneLine } from "./lists";
import { post } from "./posts";

const HEADING = { level: 1 } as const;

/** Has the portal compare the team's workspace with its log, as its worker does every few minutes. */
async function compare(page: Parameters<typeof post>[0], team: Team): Promise<void> {
  const answer = await page.request.post("/api/fn/compare_with_log", { form: { team: team.slug }, maxRedirects: 0 });
  expect(answer.status()).toBe(303);
}

/** Connectors that have been behind for longer come further down in the list, which has five. */
function sharesItsNewest({ shared, versions }: Connector): boolean {
  const released = versions.filter((one) => one.released_at !== null).map((one) => one.version);
  return shared !== null && shared.version >= Math.max(...released);
}

test("an operator signs in to what needs attention and goes from there", async ({ operator, auditor, team }) => {
  await compare(operator, team);
  const [lost = missing("a connection")] = await unusedConnections(team.workato);
  const [gone = missing("another")] = (await plainConnections(team.workato)).filter((one) => one.id !== lost.id);
  const { connectors } = await team.workato.inside();
  const connector = connectors.find(sharesItsNewest) ?? missing("a connector whose newest release is shared");
  await team.workato.alter({ do: "lose_connection", connection_id: lost.id, reason: "Refresh token expired" });
  await team.workato.alter({ do: "remove_connection", connection_id: gone.id });
  await team.workato.alter({ do: "release_version", connector_id: connector.id, note: "Void labels" });
  await compare(operator, team);

  await operator.goto("/");
  await expect(operator.getByRole("heading", HEADING)).toHaveText("Needs attention");
  const tabs = operator.getByRole("navigation", { name: "Teams" });
  await expect(tabs.getByRole("link", { name: /^All teams / })).toHaveAttribute("aria-current", "page");
  await tabs.getByRole("link", { name: new RegExp(`^${team.name} `) }).click();
  await expect(operator).toHaveURL(`/?team=${team.slug}`);

  const behind = operator.getByRole("region", { name: /^Connectors with a newer release/ });
  const release = behind.getByRole("listitem").filter({ hasText: "Void labels" });
  await expect(release).toContainText(inOneLine(connector.title));
  await expect(release.getByRole("link", { name: "Review update" })).toHaveAttribute(
    "href",
    `/teams/${team.slug}/connectors/${connector.id}`,
  );

  const broken = operator.getByRole("region", { name: /^Broken connections/ });
  const first = broken.getByRole("listitem").first();
  await expect(first).toContainText(inOneLine(lost.name ?? ""));
  await expect(first).toContainText("Sign-in expired");
  await first.getByRole("link", { name: "Reconnect" }).click();
  await expect(operator).toHaveURL(`/teams/${team.slug}/connections/${lost.id}/edit`);

  await auditor.goto(`/?team=${team.slug}`);
  const outside = auditor.getByRole("region", { name: /^Changed outside the portal/ });
  await expect(outside.getByRole("listitem")).toHaveCount(1);
  await outside.getByRole("link", { name: "Review" }).click();
  await auditor.getByRole("button", { name: "Mark reviewed" }).click();
  await auditor.goto(`/?team=${team.slug}`);
  await expect(auditor.getByRole("heading", HEADING)).toHaveText("Needs attention");
  await expect(outside).toHaveCount(0);
});

test("the changes of each day are a picture and a table", async ({ operator, team }) => {
  const [connection = missing("a connection")] = await unusedConnections(team.workato);
  const name = connection.name ?? "";
  const reason = "Nobody uses it";
  await post(operator, "delete_connection", { team: team.slug, connection: connection.id, name, confirm: name, reason });
  await operator.goto("/");
  const activity = operator.getByRole("region", { name: "Changes, last 14 days" });
  await expect(activity.getByRole("img")).toHaveAccessibleName(/Busiest: .* with \d+\.$/);
  await activity.getByText("Show as a table").click();
  await expect(activity.getByRole("table").getByRole("row")).not.toHaveCount(1);
  await activity.getByRole("link", { name: "Details" }).click();
  await expect(operator).toHaveURL("/audit/figures");
});

test("an admin is led through the set-up", async ({ admin, viewer, team }) => {
  await admin.goto("/");
  const setup = admin.getByRole("region", { name: /^Set up your portal/ });
  await expect(setup.getByRole("listitem").filter({ hasText: "Send checkpoints outside" })).toContainText("To do");
  await setup.getByText(/^\d done$/).click();
  await expect(setup.getByRole("listitem").filter({ hasText: "Add a team" })).toBeVisible();
  // The team of the template has no token.
  await setup.getByRole("link", { name: "Set token" }).click();
  await expect(admin).toHaveURL("/admin/teams/elsewhere");
  await viewer.goto(`/?team=${team.slug}`);
  await expect(viewer.getByRole("region", { name: /^Set up your portal/ })).toHaveCount(0);
});

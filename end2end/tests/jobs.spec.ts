// Jobs: cleaning up dead connections, from the selection by a filter to the report, with a second person and a restart of the
// portal in between.

import { expect, test } from "../fixtures";
import { overlapping } from "./lists";

// Deleting in a production team needs a second person. Some 5 % of the connections are broken.
test.use({ size: { workspaces: 1, connections: 4_000 }, production: true });

test.beforeEach(async ({ portal, sessions, team, operator, admin }) => {
  await portal.setMember(team.slug, "admin", "operator");
  await portal.setMember(team.slug, "auditor", "viewer");
  await sessions.begin();
  for (const page of [operator, admin]) await page.goto("/");
});

test("120 dead connections are cleaned up as one job", async ({ operator, admin, auditor, portal, team }) => {
  test.slow();
  await operator.goto(`/teams/${team.slug}/connections?status=failed`);
  await operator.getByRole("button", { name: "Change several" }).click();
  const bar = operator.getByRole("form", { name: "Change several at once" });
  await bar.getByLabel("Apply to").selectOption("all");
  await bar.getByLabel("Action").selectOption("delete");
  await bar.getByRole("button", { name: "Dry run" }).click();
  const heading = operator.getByRole("heading", { level: 1 });
  await expect(heading).toHaveText(/^Delete \d+ connections$/);
  expect(await team.workato.carriedOut()).toEqual([]);

  // Items are taken out until 120 are left, a page at a time.
  const count = async () => Number(/\d+/.exec((await heading.textContent()) ?? "")![0]);
  expect(await count()).toBeGreaterThanOrEqual(120);
  while ((await count()) > 120) {
    await operator.getByRole("link", { name: /^Will be done/ }).click();
    const boxes = operator.getByRole("table").getByRole("checkbox");
    const surplus = Math.min((await count()) - 120, await boxes.count());
    for (let at = 0; at < surplus; at++) await boxes.nth(at).check();
    await operator.getByRole("button", { name: "Take out" }).click();
  }
  expect(await overlapping(operator.getByRole("table"))).toEqual([]);
  const start = operator.getByRole("form", { name: "Start" });
  await start.getByLabel("Reason").fill("Clean-up of what no longer works, PAY-2301");
  await start.getByLabel("Type 120 to confirm").fill("120");
  await start.getByRole("button", { name: "Request approval" }).click();
  await expect(operator.locator("main")).toContainText("Needs approval");
  expect(await overlapping(operator.getByRole("table"))).toEqual([]);
  const job = operator.url().split("?")[0]!;

  await admin.goto(`/approvals/${job.split("/").pop()!}`);
  await admin.getByRole("link", { name: "View all items" }).click();
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Delete 120 connections");
  await admin.goBack();
  await admin.getByRole("region", { name: "Approval" }).getByRole("button", { name: "Approve" }).click();

  await operator.goto(job);
  await operator.getByRole("button", { name: "Pause" }).click();
  await expect(operator.getByText("Paused", { exact: true }).first()).toBeVisible();
  await portal.restart();
  await operator.goto(job);
  await operator.getByRole("button", { name: "Resume" }).click();
  const progress = operator.getByRole("region", { name: "Progress" });
  await expect(progress).toContainText("120 of 120 done", { timeout: 240_000 });
  expect((await team.workato.carriedOut()).length).toBe(120);

  const download = operator.waitForEvent("download");
  await operator.getByRole("button", { name: "Export CSV" }).click();
  expect((await download).suggestedFilename()).toMatch(/^job-.*\.csv$/);

  await auditor.goto(job);
  await auditor.getByRole("button", { name: "Review job" }).click();
  await expect(auditor.getByRole("status").filter({ hasText: "Job reviewed" })).toBeVisible();
});

// A second person: an operator asks for a change, another one approves or declines it, and what is done without approval
// stays in sight until somebody has reviewed it. Two browsers. The integration tests cover rights.

import type { Page } from "@playwright/test";

import { expect, test } from "../fixtures";
import type { Team } from "../portal";
import type { Connector } from "../sandbox";
import { missing, unusedConnections } from "./choose";

// A production team asks for a second person to suppress and to delete.
test.use({ production: true });

test.beforeEach(async ({ portal, team, sessions, operator, admin }) => {
  await portal.setMember(team.slug, "admin", "operator");
  await sessions.begin();
  for (const page of [operator, admin]) await page.goto("/");
});

test("a request is approved in another browser, and only then sent", async ({ operator, admin, team }) => {
  const { connector, path } = await sharedConnector(team);
  const form = await openSuppressForm(operator, path);
  await expect(form.getByText("This change needs a second person.")).toBeVisible();
  await form.getByLabel(/^Type .* to confirm$/s).fill(connector.title);
  await form.getByLabel("Reason").fill("It charges twice, PAY-2301");
  await form.getByRole("button", { name: "Request approval" }).click();
  await expect(operator.getByRole("status").filter({ hasText: "Approval requested" })).toBeVisible();
  expect(await team.workato.carriedOut()).toEqual([]);

  await operator.getByRole("link", { name: "View request" }).click();
  const own = operator.getByRole("region", { name: "Approval" });
  await expect(own.getByRole("button", { name: "Withdraw" })).toBeVisible();
  await expect(own.getByRole("button", { name: "Approve" })).toHaveCount(0);

  await admin.goto("/");
  await expect(admin.getByRole("region", { name: "Waiting for your approval 1" })).toContainText("PAY-2301");
  await admin.goto("/approvals");
  const waiting = admin.getByRole("region", { name: "Waiting for you" });
  await expect(waiting.getByRole("row").filter({ hasText: "PAY-2301" })).toContainText("Waiting for approval");
  await waiting.getByRole("row").filter({ hasText: "PAY-2301" }).getByRole("link").last().click();
  const approval = admin.getByRole("region", { name: "Approval" });
  await approval.getByLabel("Note (optional)").fill("Confirmed with billing");
  await approval.getByRole("button", { name: "Approve" }).click();
  await expect(approval).toContainText("Approved by Adam Admin");
  expect(await team.workato.carriedOut()).toEqual([`connector.suppress ${connector.id}`]);

  await operator.reload();
  await expect(own).toContainText("Confirmed with billing");
  await operator.getByRole("link", { name: "View in the audit log" }).click();
  await expect(operator.getByRole("heading", { level: 1 })).toHaveText(`Olga Operator suppressed ${connector.title}`);
  await expect(operator.getByRole("region", { name: "What happened" })).toContainText("Approved by Adam Admin.");
});

test("a request is declined with a note, and another one withdrawn", async ({ operator, admin, team }) => {
  const { connector, path } = await sharedConnector(team);
  await request(operator, connector, path);
  await operator.getByRole("link", { name: "View request" }).click();
  await admin.goto(operator.url());
  const approval = admin.getByRole("region", { name: "Approval" });
  await approval.getByLabel("Why you decline").fill("Two customers still use it");
  await approval.getByRole("button", { name: "Decline" }).click();
  await expect(approval).toContainText("Declined by Adam Admin");
  await operator.reload();
  const own = operator.getByRole("region", { name: "Approval" });
  await expect(own).toContainText("Two customers still use it");

  await request(operator, connector, path);
  await operator.getByRole("link", { name: "View request" }).click();
  await own.getByRole("button", { name: "Withdraw" }).click();
  await expect(own).toContainText("Withdrawn by Olga Operator");
  expect(await team.workato.carriedOut()).toEqual([]);
});

test("break-glass acts at once, and is in sight until it is reviewed", async ({ operator, auditor, team }) => {
  const { connector, path } = await sharedConnector(team);
  const form = await openSuppressForm(operator, path);
  await form.getByText("Act without approval (break-glass)").click();
  await form.getByLabel(/^Type .* to confirm$/s).fill(connector.title);
  await form.getByLabel("Reason").fill("Now");
  await form.getByRole("button", { name: "without approval" }).click();
  const tooShort = operator.getByText("Enter a reason of at least 20 characters to act without approval.");
  await expect(tooShort.first()).toBeVisible();
  expect(await team.workato.carriedOut()).toEqual([]);
  const again = operator.getByRole("form", { name: "Suppress this connector" });
  await again.getByLabel("Reason").fill("Customers are charged twice right now");
  await again.getByRole("button", { name: "without approval" }).click();
  await expect(operator.getByText(`${connector.title} is suppressed. Customers no longer get it.`)).toBeVisible();
  expect(await team.workato.carriedOut()).toEqual([`connector.suppress ${connector.id}`]);

  await auditor.goto("/");
  const notices = auditor.getByRole("region", { name: "For your attention" });
  await expect(notices).toContainText(`Olga Operator changed something in ${team.name} without approval.`);
  const open = auditor.getByRole("region", { name: "Changed without approval 1" });
  await expect(open).toContainText("Customers are charged twice right now");
  await open.getByRole("link", { name: "Review" }).click();
  await auditor.getByRole("button", { name: "Mark reviewed" }).first().click();
  await auditor.goto("/");
  await expect(open).toHaveCount(0);
  await notices.getByRole("button", { name: "Dismiss" }).click();
  await expect(notices).toHaveCount(0);
});

test("a job starts without approval, and is one change to review", async ({ operator, auditor, team }) => {
  const picked = (await unusedConnections(team.workato)).slice(0, 2);
  await operator.goto(`/teams/${team.slug}/connections?rows=200`);
  for (const { name } of picked) await operator.getByRole("checkbox", { name: `Select ${name}`, exact: true }).check();
  await operator.getByRole("button", { name: "Change several" }).click();
  const bar = operator.getByRole("form", { name: "Change several at once" });
  await bar.getByLabel("Action").selectOption("delete");
  await bar.getByRole("button", { name: "Dry run" }).click();
  const start = operator.getByRole("form", { name: "Start" });
  await start.getByLabel("Reason").fill("Customers are charged twice right now");
  await start.getByLabel("Type 2 to confirm").fill("2");
  await start.getByText("Act without approval (break-glass)").click();
  await start.getByRole("button", { name: "Start job without approval" }).click();
  await expect(operator.getByRole("region", { name: "Progress" })).toContainText("2 of 2 done", { timeout: 60_000 });
  await expect(operator.getByText("Started without approval by Olga Operator")).toBeVisible();
  expect((await team.workato.carriedOut()).sort()).toEqual(picked.map(({ id }) => `connection.delete ${id}`).sort());

  await auditor.goto("/");
  const open = auditor.getByRole("region", { name: "Changed without approval 1" });
  await expect(open).toContainText("Customers are charged twice right now");
  await auditor.goto(operator.url());
  await auditor.getByRole("button", { name: "Review job" }).click();
  await expect(auditor.getByRole("status").filter({ hasText: "Job reviewed" })).toBeVisible();
  await auditor.goto("/");
  await expect(open).toHaveCount(0);
});

async function sharedConnector(team: Team): Promise<{ connector: Connector; path: string }> {
  const { connectors } = await team.workato.inside();
  const plain = (one: Connector) => one.shared !== null && one.title === one.title.trim() && /^[\w ]+$/.test(one.title);
  const connector = connectors.find(plain) ?? missing("a shared connector");
  return { connector, path: `/teams/${team.slug}/connectors/${connector.id}` };
}

async function openSuppressForm(page: Page, path: string) {
  await page.goto(path);
  await page.getByRole("heading", { name: "Suppress this connector" }).click();
  return page.getByRole("form", { name: "Suppress this connector" });
}

async function request(page: Page, connector: Connector, path: string): Promise<void> {
  const form = await openSuppressForm(page, path);
  await form.getByLabel(/^Type .* to confirm$/s).fill(connector.title);
  await form.getByLabel("Reason").fill("It charges twice, PAY-2301");
  await form.getByRole("button", { name: "Request approval" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Approval requested" })).toBeVisible();
}

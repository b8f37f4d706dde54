// The admin's first day on an empty portal: open the setup link, set up a team and its token, invite a person, give and
// take rights.

import { expect, signIn, test } from "../fixtures";
import { navigation } from "./frame";
import { openNewestVersion } from "./versions";

const ADA = { email: "ada@example.com", name: "Ada Admin", password: "ada was here first of all" };
const BEA = { email: "bea@example.com", name: "Bea Newcomer", password: "bea came by a one-time link" };

test.use({ start: "empty", size: { workspaces: 2, connections: 12 } });

test("a portal is set up, from its first admin to a person who is disabled", async ({
  page,
  open,
  portal,
  sandbox,
  complaints,
}) => {
  const says = (words: string) => expect(page.getByRole("status").filter({ hasText: words })).toBeVisible();
  const workspace = sandbox.takeWorkspace();
  const another = sandbox.takeWorkspace();

  await test.step("the first admin opens the link in the file that the server named", async () => {
    await page.goto(await portal.setupLink());
    await page.getByLabel("Email").fill(ADA.email);
    await page.getByLabel("Name").fill(ADA.name);
    await page.getByLabel("Password").fill("too short");
    await page.getByRole("button", { name: "Set up the portal" }).click();
    await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/Use at least 12 characters/);
    // Of what a stranger types, only the e-mail address is kept.
    await expect(page.getByLabel("Email")).toHaveValue(ADA.email);
    await page.getByLabel("Name").fill(ADA.name);
    await page.getByLabel("Password").fill(ADA.password);
    await page.getByRole("button", { name: "Set up the portal" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no team yet");

    complaints.expect(404);
    const stranger = await open();
    expect((await stranger.goto(await portal.setupLink()))?.status()).toBe(404);
    await expect(stranger.getByRole("heading", { level: 1 })).toHaveText("This link has expired");
  });

  await test.step("a team is set up", async () => {
    await page.getByRole("link", { name: "Set up the first team" }).click();
    await page.getByLabel("Name").fill("Payments");
    await page.getByLabel("Slug").fill("Not A Slug");
    await page.getByLabel("Workato data centre").selectOption(sandbox.url);
    await page.getByLabel("Production").check();
    await page.getByRole("button", { name: "Create team" }).click();
    await expect(page.getByLabel("Slug")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel("Slug")).toHaveValue("Not A Slug");
    await expect(page.getByLabel("Production")).toBeChecked();
    await page.getByLabel("Slug").fill("payments");
    await page.getByRole("button", { name: "Create team" }).click();
    await says("Team created.");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Payments");
  });

  await test.step("its token is set, tested and replaced, and never shown", async () => {
    const panel = page.getByRole("region", { name: "Workato token" });
    await panel.getByLabel("Token").fill("unknown-to-workato");
    await panel.getByRole("button", { name: "Set token" }).click();
    await says("Token saved, but Workato did not confirm that it works.");
    await panel.getByRole("button", { name: "Test the token" }).click();
    await expect(panel.getByRole("alert")).toContainText("GET /api/users/me was refused (401): Unauthorized.");

    await panel.getByLabel("Token").fill(workspace.token);
    await panel.getByRole("button", { name: "Replace token" }).click();
    await says(`The token belongs to workspace ${(await workspace.inside()).name}`);
    await panel.getByRole("button", { name: "Test the token" }).click();
    await says("The token works.");

    await panel.getByLabel("Token").fill(another.token);
    await panel.getByRole("button", { name: "Replace token" }).click();
    await expect(panel.getByLabel("Token")).toHaveAccessibleDescription(/belongs to another workspace/);
    await expect(panel.getByLabel("Token")).toHaveValue("");
    expect(await page.content()).not.toContain(workspace.token);
  });

  const bea = await open();
  await test.step("a person is invited by a link that is shown once", async () => {
    await (await navigation(page)).getByRole("link", { name: "People" }).click();
    await page.getByLabel("Email").fill(BEA.email);
    await page.getByLabel("Name", { exact: true }).fill(BEA.name);
    await page.getByRole("button", { name: "Invite" }).click();
    await says("Person invited.");
    const link = await page.getByRole("textbox", { name: "Link" }).inputValue();
    await page.reload();
    await expect(page.getByRole("textbox", { name: "Link" })).toHaveCount(0);

    await bea.goto(link);
    await expect(bea.getByRole("heading", { level: 1 })).toHaveText(`Welcome, ${BEA.name}`);
    await bea.getByLabel("Password").fill(BEA.password);
    await bea.getByRole("button", { name: "Choose password" }).click();
    await expect(bea.getByRole("heading", { level: 1 })).toHaveText("You’re not in a team yet");
  });

  await test.step("membership and role take effect immediately, and end the sessions of before", async () => {
    await page.getByLabel("Team", { exact: true }).selectOption("Payments");
    await page.getByRole("button", { name: "Add to team" }).click();
    await says("Membership saved.");
    await bea.goto("/");
    await expect(bea).toHaveURL("/login");
    await signIn(bea, BEA);
    await expect(bea).toHaveURL("/");
    await expect(bea.getByRole("link", { name: "Payments", exact: true }).first()).toBeVisible();
    const { connectors } = await workspace.inside();
    const connector = connectors.find((one) => one.shared)?.id;
    await bea.goto(`/teams/payments/connectors/${connector}`);
    await expect(bea.getByRole("banner")).toContainText("Bea Newcomer Viewer");
    await expect(bea.getByRole("form", { name: /^Version / })).toHaveCount(0);
    await openNewestVersion(bea);
    await expect(bea.getByRole("button", { name: /^Share version / })).toHaveCount(0);

    await page.getByLabel("Role in Payments", { exact: true }).selectOption("operator");
    await page.getByRole("button", { name: "Change role in Payments" }).click();
    await says("Membership saved.");
    await bea.reload();
    await signIn(bea, BEA);
    await expect((await openNewestVersion(bea)).getByRole("button")).toHaveText(/^Share version /);

    await page.getByLabel("Role", { exact: true }).selectOption("auditor");
    await page.getByRole("button", { name: "Save role" }).click();
    await says("Role changed.");
    await bea.goto("/audit");
    await signIn(bea, BEA);
    await expect(bea.getByText("All changes in all teams")).toBeVisible();
  });

  await test.step("a disabled person is signed out immediately and cannot sign in", async () => {
    await page.getByRole("button", { name: `Disable ${BEA.name}` }).click();
    await says("Person disabled");
    await bea.reload();
    await expect(bea).toHaveURL("/login?next=%2Faudit");
    await signIn(bea, BEA);
    await expect(bea.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");

    await page.getByRole("button", { name: `Enable ${BEA.name}` }).click();
    await says("The person can sign in again.");
    await signIn(bea, BEA);
    await expect(bea).toHaveURL("/audit");
  });

  await test.step("all of it is in the audit log", async () => {
    await page.goto("/audit?actor=ada");
    await expect(page.getByRole("table").getByRole("rowheader")).toContainText([
      `enabled ${BEA.name}`,
      `disabled ${BEA.name}`,
      `changed the role of ${BEA.name} to auditor`,
      `made ${BEA.name} an operator of Payments`,
      `made ${BEA.name} a viewer of Payments`,
      `invited ${BEA.name}`,
      "replaced the token of Payments",
      "the token of Payments",
      "created team Payments",
    ]);
  });
});

test("a password is changed and a session revoked from the account page", async ({ page, open, portal }) => {
  await page.goto(await portal.setupLink());
  await page.getByLabel("Email").fill(ADA.email);
  await page.getByLabel("Name").fill(ADA.name);
  await page.getByLabel("Password").fill(ADA.password);
  await page.getByRole("button", { name: "Set up the portal" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no team yet");
  const elsewhere = await open();
  await elsewhere.goto("/login");
  await signIn(elsewhere, ADA);
  await expect(elsewhere).toHaveURL("/");

  await page.goto("/account");
  const sessions = page.getByRole("table", { name: "Your sessions, most recently used first" });
  await sessions.getByRole("button", { name: /^Revoke (?!this)/ }).click();
  await expect(page.getByRole("status")).toContainText("The session has ended.");
  await elsewhere.goto("/account");
  await expect(elsewhere).toHaveURL("/login?next=%2Faccount");

  await page.getByLabel("Old password").fill("not the old one at all");
  await page.getByLabel("New password").fill("a new one, and a longer one");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByLabel("Old password")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Old password").fill(ADA.password);
  await page.getByLabel("New password").fill("a new one, and a longer one");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByRole("status")).toContainText("Password changed.");
  await signIn(elsewhere, { ...ADA, password: "a new one, and a longer one" });
  await expect(elsewhere).toHaveURL("/account");
});

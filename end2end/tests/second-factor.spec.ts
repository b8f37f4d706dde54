// Second factors as people meet them: an authenticator app and recovery codes with JavaScript and without, passkeys with
// Chromium's virtual authenticator, a reset that keeps the factor, and a fresh factor before a token is replaced.

import type { Page } from "@playwright/test";

import { expect, signIn, test } from "../fixtures";
import { code } from "../totp";
import { untilStale } from "./stale";

const ADA = { email: "ada@example.com", name: "Ada Admin", password: "ada was here first of all" };
const BEA = { email: "bea@example.com", name: "Bea Newcomer", password: "bea came by a one-time link" };
const HEADING = { level: 1 } as const;

test.use({ start: "empty", size: { workspaces: 2, connections: 12 }, settings: { PORTAL_SECOND_FACTOR: "required" } });

/** Opens the set-up link and becomes the first admin, who has no second factor yet. */
async function setUp(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel("Email").fill(ADA.email);
  await page.getByLabel("Name").fill(ADA.name);
  await page.getByLabel("Password").fill(ADA.password);
  await page.getByRole("button", { name: "Set up the portal" }).click();
  await expect(page.getByRole("heading", HEADING)).toHaveText("Second factor");
  await expect(page.getByText("Your role needs a second factor.")).toBeVisible();
}

/** Adds an authenticator app with the code of the step before, so that the present one is not used yet. */
async function addApp(page: Page): Promise<{ key: string; recovery: string[] }> {
  await expect(page.getByRole("img", { name: "QR code with the key below" }).locator("svg")).toBeVisible();
  const key = await page.locator("#totp-key").innerText();
  await page.getByLabel("Code", { exact: true }).fill(code(key, -1));
  await page.getByRole("button", { name: "Add the app" }).click();
  await expect(page.getByText("Second factor added.")).toBeVisible();
  return { key, recovery: (await page.locator("#codes").innerText()).split("\n") };
}

async function giveCode(page: Page, typed: string): Promise<void> {
  await expect(page.getByRole("heading", HEADING)).toHaveText("Second step");
  await page.getByLabel("Code").fill(typed);
  await page.getByRole("button", { name: "Continue" }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.context().clearCookies();
  await page.goto("/login");
}

test("the first admin sets up an app, signs in with it and with a recovery code, and a link resets only the password", async ({
  page,
  open,
  portal,
}) => {
  await setUp(page, await portal.setupLink());
  await page.goto("/admin/people");
  await expect(page).toHaveURL("/account/second-factor");
  const { key, recovery } = await addApp(page);
  expect(new Set(recovery).size).toBe(10);
  await page.getByRole("link", { name: "I saved them, continue" }).click();
  await expect(page.getByRole("heading", HEADING)).toHaveText("There is no team yet");
  await page.goto("/account/second-factor");
  await expect(page.locator("#codes")).toHaveCount(0);

  await test.step("a code works once", async () => {
    await signOut(page);
    await signIn(page, ADA);
    await giveCode(page, "000000");
    await expect(page.getByLabel("Code")).toHaveAccessibleDescription(/This code is incorrect or already used/);
    const used = code(key);
    await giveCode(page, used);
    await expect(page.getByRole("heading", HEADING)).toHaveText("There is no team yet");
    const thief = await open();
    await thief.goto("/login");
    await signIn(thief, ADA);
    await giveCode(thief, used);
    await expect(thief.getByLabel("Code")).toHaveAttribute("aria-invalid", "true");
    await thief.goto("/admin/people");
    await expect(thief).toHaveURL(/^[^?]*\/login\?next=/);
  });

  await test.step("a recovery code signs in, and the person is told", async () => {
    await signOut(page);
    await signIn(page, ADA);
    await giveCode(page, recovery[7]!.toLowerCase());
    const notices = page.getByRole("region", { name: "About your account" });
    await expect(notices).toContainText("A recovery code was used. 9 are left.");
    await notices.getByRole("button", { name: "Dismiss" }).click();
    await expect(notices).toHaveCount(0);
  });

  await test.step("a link of the command line replaces the password and not the factor", async () => {
    const link = await portal.recoveryLink(ADA.email);
    const ada = await open();
    await ada.goto(link);
    await expect(ada.getByText("This link also removes your authenticator apps")).toBeVisible();
    await ada.getByLabel("Password").fill("ada lost her telephone");
    await ada.getByRole("button", { name: "Choose password" }).click();
    await expect(ada.getByRole("heading", HEADING)).toHaveText("Second factor");
    await expect(ada.getByText("You have no second factor.")).toBeVisible();
    await addApp(ada);
    await ada.goto("/");
    await expect(ada.getByRole("region", { name: "About your account" })).toContainText(
      "command line created a one-time link for you to set a new password and remove your second factors.",
    );
    await page.goto("/account");
    await expect(page).toHaveURL("/login?next=%2Faccount");
  });
});

test("an auditor's password is reset by two admins and the app is still asked for", async ({ page, open, portal }) => {
  await setUp(page, await portal.setupLink());
  await addApp(page);
  await page.goto("/admin/people");
  await page.getByLabel("Email").fill(BEA.email);
  await page.getByLabel("Name", { exact: true }).fill(BEA.name);
  await page.getByLabel("Role", { exact: true }).selectOption("auditor");
  await page.getByRole("button", { name: "Invite" }).click();
  const bea = await open();
  await bea.goto(await page.getByRole("textbox", { name: "Link" }).inputValue());
  await bea.getByLabel("Password").fill(BEA.password);
  await bea.getByRole("button", { name: "Choose password" }).click();
  const { key } = await addApp(bea);

  await page.getByRole("button", { name: "New one-time link" }).click();
  const link = await page.getByRole("textbox", { name: "Link" }).inputValue();
  await portal.releaseLink(BEA.email);
  await bea.context().clearCookies();
  await bea.goto(link);
  await bea.getByLabel("Password").fill("bea forgot the old one");
  await bea.getByRole("button", { name: "Choose password" }).click();
  await giveCode(bea, code(key));
  await expect(bea.getByRole("region", { name: "About your account" })).toContainText("Ada Admin created a one-time link");
  await expect(bea.getByRole("region", { name: "About your account" })).toContainText("command line released");
});

test.describe("with sessions that go stale after eight seconds", () => {
  test.use({ settings: { PORTAL_SECOND_FACTOR: "required", PORTAL_FRESH_FACTOR: "8" } });

  test("a token is replaced only with a fresh factor", async ({ page, portal, sandbox }) => {
    const workspace = sandbox.takeWorkspace();
    await setUp(page, await portal.setupLink());
    const { key } = await addApp(page);
    await page.goto("/admin/teams/new");
    await page.getByLabel("Name").fill("Payments");
    await page.getByLabel("Slug").fill("payments");
    await page.getByLabel("Workato data centre").selectOption(sandbox.url);
    await untilStale(page);
    await page.getByRole("button", { name: "Create team" }).click();
    await expect(page.getByRole("heading", HEADING)).toHaveText("Confirm that it's you");
    await page.getByLabel("Code").fill("000000");
    await page.getByRole("button", { name: "Confirm" }).click();
    await expect(page.getByLabel("Code")).toHaveAttribute("aria-invalid", "true");
    await page.getByLabel("Code").fill(code(key));
    await page.getByRole("button", { name: "Confirm" }).click();
    await expect(page.getByText("Nothing was sent yet.")).toBeVisible();
    await expect(page.getByLabel("Slug")).toHaveValue("payments");
    await page.getByRole("button", { name: "Create team" }).click();
    await expect(page.getByRole("heading", HEADING)).toHaveText("Payments");
    const panel = page.getByRole("region", { name: "Workato token" });
    await untilStale(page);
    await panel.getByLabel("Token").fill(workspace.token);
    await panel.getByRole("button", { name: "Set token" }).click();
    await expect(page.getByRole("heading", HEADING)).toHaveText("Confirm that it's you");
    expect(await page.content()).not.toContain(workspace.token);
    await page.getByLabel("Code").fill(code(key, 1));
    await page.getByRole("button", { name: "Confirm" }).click();
    await panel.getByLabel("Token").fill(workspace.token);
    await panel.getByRole("button", { name: "Set token" }).click();
    await expect(page.getByRole("status").filter({ hasText: "The token belongs to workspace" })).toBeVisible();
  });
});

test.describe("with JavaScript", () => {
  test.use({ javaScriptEnabled: true });

  test("somebody who is invited adds a passkey, which is a second factor and a whole sign-in", async ({
    page,
    open,
    portal,
  }) => {
    await setUp(page, await portal.setupLink());
    await addApp(page);
    await page.goto("/admin/people");
    await page.getByLabel("Email").fill(BEA.email);
    await page.getByLabel("Name", { exact: true }).fill(BEA.name);
    await page.getByLabel("Role", { exact: true }).selectOption("auditor");
    await page.getByRole("button", { name: "Invite" }).click();
    const link = await page.getByRole("textbox", { name: "Link" }).inputValue();

    const bea = await open();
    const devTools = await bea.context().newCDPSession(bea);
    await devTools.send("WebAuthn.enable");
    const { authenticatorId } = await devTools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await bea.goto(link);
    await bea.getByLabel("Password").fill(BEA.password);
    await bea.getByRole("button", { name: "Choose password" }).click();
    await bea.getByLabel("Name of the passkey").fill("Laptop");
    await bea.getByRole("button", { name: "Add a passkey" }).click();
    await expect(bea.getByText("Second factor added.")).toBeVisible();
    await expect(bea.getByRole("rowheader", { name: "Laptop" })).toBeVisible();

    await signOut(bea);
    await signIn(bea, BEA);
    await expect(bea.getByRole("heading", HEADING)).toHaveText("Second step");
    await bea.getByRole("button", { name: "Use a passkey" }).click();
    await expect(bea).toHaveURL("/");

    await signOut(bea);
    await bea.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(bea).toHaveURL("/");
    await bea.goto("/audit");
    await expect(bea.getByRole("heading", HEADING)).toContainText("Audit");

    await test.step("a device that does not verify its user is refused, and the page says what happened", async () => {
      await signOut(bea);
      await devTools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
      await bea.getByRole("button", { name: "Sign in with a passkey" }).click();
      await expect(bea.getByRole("alert").filter({ hasText: "Nothing was sent" })).toBeVisible();
      await expect(bea).toHaveURL("/login");
    });
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("without JavaScript, the page says that passkeys need it", async ({ page }) => {
    await page.goto("/login");
    await expect(page.getByText("Passkeys need JavaScript, which is off in this browser.")).toBeVisible();
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(page.getByText("This passkey wasn't accepted.")).toBeVisible();
  });
});

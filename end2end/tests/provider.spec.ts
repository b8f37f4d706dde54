// Signing in with an identity provider, a real one in a process of its own: groups become roles, a change of groups counts at
// the next sign-in, signing out leads to the provider, and people in no group stay outside.

import type { Page } from "@playwright/test";

import { expect, test as base } from "../fixtures";
import { IdentityProvider, type Identity } from "../identity-provider";
import { untilStale } from "./stale";

const GINA: Identity = {
  sub: "gina",
  email: "gina@example.com",
  email_verified: true,
  name: "Gina Groups",
  groups: ["ops"],
};

const test = base.extend<{ provider: IdentityProvider }>({
  provider: async ({}, use) => {
    const provider = await IdentityProvider.start();
    await use(provider);
    await provider.stop();
  },
  settings: async ({ provider }, use) =>
    use(
      provider.settings({
        PORTAL_OIDC_ROLES: "audit=auditor;admins=admin",
        PORTAL_OIDC_TEAM_ROLES: "ops=team-1:operator;readers=team-1:viewer",
        PORTAL_OIDC_SECOND_FACTOR: "mfa",
        PORTAL_FRESH_FACTOR: "8",
        PORTAL_SECOND_FACTOR: "required",
      }),
    ),
});

const there = (page: Page) => page.getByLabel("Your name");

/** Signs in at the provider's own page. */
async function nameAt(page: Page, { sub }: Pick<Identity, "sub">): Promise<void> {
  await there(page).fill(sub);
  await page.getByRole("button", { name: "Continue" }).click();
}

async function setOut(page: Page): Promise<void> {
  await page.goto("/login?next=%2Faccount");
  await page.getByRole("link", { name: "Sign in with Example ID" }).click();
}

async function signOut(page: Page): Promise<void> {
  // On a phone the menu is folded. The button is the same in both.
  await page.locator("form[action='/api/fn/sign_out'] button").first().dispatchEvent("click");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
}

const rights = (page: Page) => page.getByRole("region", { name: "What you may do" });

test("groups become roles, and a change of groups counts at the next sign-in", async ({ page, provider, team }) => {
  await provider.knows({ ...GINA, amr: ["pwd", "mfa"] });
  await setOut(page);
  await nameAt(page, GINA);
  await expect(page).toHaveURL("/account");
  await expect(rights(page)).toContainText("member");
  await expect(rights(page)).toContainText(`${team.name} · operator`);
  await expect(page.getByText("You sign in with Example ID. You have no password in this portal.")).toBeVisible();

  await test.step("the provider's own session signs in again without asking, with other groups", async () => {
    await provider.knows({ ...GINA, groups: ["readers", "audit"], amr: ["pwd", "mfa"] });
    await signOut(page);
    await setOut(page);
    await expect(page).toHaveURL("/account");
    await expect(rights(page)).toContainText("auditor: reads every team");
    await expect(rights(page)).toContainText(`${team.name} · viewer`);
  });

  await test.step("signing out at the provider ends that session as well", async () => {
    await signOut(page);
    await page.getByRole("link", { name: "Sign out at Example ID" }).click();
    await page.getByRole("button", { name: "Yes, sign me out" }).click();
    await expect(page).toHaveURL("/login");
    await setOut(page);
    await expect(there(page)).toBeVisible();
  });
});

test("somebody in no group stays outside, and so does somebody whose email belongs to a password", async ({ page, provider, team }) => {
  expect(team.slug).toBe("team-1");
  await provider.knows({ ...GINA, sub: "nora", groups: ["cooks"] });
  await setOut(page);
  await nameAt(page, { sub: "nora" });
  await expect(page.getByRole("alert")).toHaveText(
    "You are in none of the groups at Example ID that may use this portal. Ask an admin for access.",
  );
  await expect(page).toHaveURL(/\/login\?.*provider=no_group/);
  await page.goto("/account");
  await expect(page).toHaveURL("/login?next=%2Faccount");

  await page.context().clearCookies();
  await provider.knows({ ...GINA, sub: "olga", email: "olga@example.com", groups: ["admins"] });
  await setOut(page);
  await nameAt(page, { sub: "olga" });
  await expect(page.getByRole("alert")).toContainText("An account with your email address already exists here.");
});

test("a fresh factor is a new sign-in at the provider, and without a second factor there the portal asks for its own", async ({
  page,
  open,
  provider,
}) => {
  await provider.knows({ ...GINA, groups: ["admins"], amr: ["pwd", "mfa"] });
  await setOut(page);
  await nameAt(page, GINA);
  await expect(page).toHaveURL("/account");
  await untilStale(page);
  await page.goto("/admin/people");
  await page.getByLabel("Email").fill("hugo@example.com");
  await page.getByLabel("Name", { exact: true }).fill("Hugo Hurry");
  await page.getByRole("button", { name: "Invite" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Confirm that it's you");
  await page.getByRole("link", { name: "Confirm with Example ID" }).click();
  await nameAt(page, GINA);
  await expect(page.getByLabel("Email")).toHaveValue("hugo@example.com");
  await page.getByRole("button", { name: "Invite" }).click();
  await expect(page.getByRole("textbox", { name: "Link" })).toBeVisible();

  await provider.knows({ ...GINA, groups: ["admins"], amr: ["pwd"] });
  const elsewhere = await open();
  await setOut(elsewhere);
  await nameAt(elsewhere, GINA);
  await expect(elsewhere).toHaveURL("/account/second-factor");
});

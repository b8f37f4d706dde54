// Where somebody is signed in: the list on the account page, ending sessions, staying signed in, and the notice about a
// session that is used elsewhere.

import { expect, PEOPLE, signIn, test } from "../fixtures";

const OTHERS = "Revoke all other sessions";

test("the account page names the device and ends all other sessions", async ({ operator, open, sessions }) => {
  await sessions.begin();
  const elsewhere = await open();
  await elsewhere.goto("/login?next=/account");
  await signIn(elsewhere, PEOPLE.operator);
  await expect(elsewhere).toHaveURL("/account");

  await operator.goto("/account");
  const table = operator.getByRole("table", { name: "Your sessions, most recently used first" });
  const here = table.getByRole("row").filter({ hasText: "this session" });
  await expect(table.getByRole("row").filter({ hasText: "Chrome on Linux" }).first()).toContainText("127.0.0.1");
  await expect(here).toHaveCount(1);
  const [before] = await operator.context().cookies();
  await operator.getByRole("button", { name: OTHERS }).click();
  await expect(operator.getByRole("status")).toContainText("Your other sessions have ended.");
  // Narrow windows hide the row of headings.
  await expect(table.locator("tbody").getByRole("row")).toHaveCount(1);
  await expect(operator.getByRole("button", { name: OTHERS })).toHaveCount(0);

  // The present session has a new id, and the old one is worth nothing.
  const cookies = await operator.context().cookies();
  expect(cookies.find(({ name }) => name === before?.name)?.value).not.toBe(before?.value);
  await elsewhere.reload();
  await expect(elsewhere).toHaveURL("/login?next=%2Faccount");
  const thief = await open();
  await thief.context().addCookies(before ? [before] : []);
  await thief.goto("/account");
  await expect(thief).toHaveURL("/login?next=%2Faccount");
});

test("signing out everywhere signs out here as well, and leaves nothing in the browser", async ({ viewer, open, sessions }) => {
  await sessions.begin();
  const elsewhere = await open();
  await elsewhere.goto("/login?next=/account");
  await signIn(elsewhere, PEOPLE.viewer);
  await expect(elsewhere).toHaveURL("/account");
  await viewer.goto("/account");
  await viewer.evaluate(() => localStorage.setItem("left behind", "something"));
  await viewer.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(viewer).toHaveURL("/login");
  expect(await viewer.evaluate(() => localStorage.getItem("left behind"))).toBeNull();
  expect((await viewer.context().cookies()).map(({ name }) => name)).not.toContain("portal");
  await elsewhere.reload();
  await expect(elsewhere).toHaveURL("/login?next=%2Faccount");
});

test.describe("where people may stay signed in", () => {
  test.use({ settings: { PORTAL_KEEP_SIGNED_IN: "14" } });

  test("the cookie outlives the browser only if the box is ticked", async ({ open }) => {
    for (const tick of [true, false]) {
      const page = await open();
      await page.goto("/login?next=/account");
      const box = page.getByRole("checkbox", { name: "Keep me signed in" });
      await expect(box).not.toBeChecked();
      if (tick) await box.check();
      await signIn(page, PEOPLE.viewer);
      await expect(page).toHaveURL("/account");
      const cookie = (await page.context().cookies()).find(({ name }) => name === "portal");
      const days = ((cookie?.expires ?? 0) - Date.now() / 1000) / 86_400;
      if (tick) expect(Math.round(days)).toBe(14);
      else expect(cookie?.expires).toBe(-1);
    }
  });
});

test("an admin ends somebody's sessions and says why", async ({ admin, viewer, sessions }) => {
  await sessions.begin();
  await viewer.goto("/account");
  await expect(viewer.getByRole("heading", { level: 1 })).toHaveText(PEOPLE.viewer.name);
  await admin.goto("/admin/people");
  await admin.getByRole("link", { name: PEOPLE.viewer.name }).click();
  const panel = admin.getByRole("region", { name: "Sessions" });
  await expect(panel.getByRole("row").filter({ hasText: "127.0.0.1" })).not.toHaveCount(0);
  await panel.getByLabel("Session").selectOption("All sessions");
  await panel.getByLabel("Reason").fill("A lost laptop");
  await panel.getByRole("button", { name: "End sessions" }).click();
  await expect(admin.getByRole("status")).toContainText("All sessions of this person have ended.");
  await expect(panel).toContainText(`${PEOPLE.viewer.name} isn't signed in anywhere.`);
  await viewer.reload();
  await expect(viewer).toHaveURL("/login?next=%2Faccount");

  await admin.goto("/audit?action=session.end");
  await admin.getByRole("row").filter({ hasText: "of Vito Viewer" }).getByRole("link").first().click();
  await expect(admin.getByRole("main")).toContainText("A lost laptop");
});

test.describe("behind a proxy that says where requests come from", () => {
  test.use({ settings: { PORTAL_TRUSTED_PROXIES: "127.0.0.1" } });

  test("a session that is used elsewhere says so on every page until it gets a new id", async ({ open, playwright, portal }) => {
    const page = await open();
    await page.goto("/login?next=/account");
    await signIn(page, PEOPLE.auditor);
    await expect(page).toHaveURL("/account");
    const notice = page.getByRole("alert").filter({ hasText: "also used on another network with another browser" });
    await expect(notice).toHaveCount(0);

    const thief = await playwright.request.newContext({
      baseURL: portal.url,
      storageState: await page.context().storageState(),
      userAgent: "curl/8.14.1",
      extraHTTPHeaders: { "x-forwarded-for": "203.0.113.9" },
    });
    expect((await thief.get("/account")).status()).toBe(200);
    await expect(async () => {
      await page.goto("/audit");
      await expect(notice).toContainText("from 203.0.113.9 with curl", { timeout: 500 });
    }).toPass();

    await notice.getByRole("link", { name: "change your password" }).click();
    await page.getByLabel("Old password").fill(PEOPLE.auditor.password);
    await page.getByLabel("New password").fill("aude reads each line again");
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByRole("status")).toContainText("Password changed.");
    await expect(notice).toHaveCount(0);
    expect((await thief.get("/account", { maxRedirects: 0 })).status()).toBe(303);
    await thief.dispose();
  });
});

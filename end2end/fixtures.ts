// What tests are given: a portal for each worker, a team for each test, people by role, and the rule that no page may
// complain in the browser's console. Specs import `test` and `expect` from here.

import { test as base, expect, type BrowserContext, type Page } from "@playwright/test";

import { PEOPLE, Portal, type Person, type Role, type Team } from "./portal";
import { Sandbox } from "./sandbox";

/** Workspaces enough for the tests of one worker. */
const WORKSPACES = 100;
/** More than two pages of them. */
const CONNECTIONS = 120;

type Session = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** What the browser may say in its console. */
export interface Complaints {
  /** The browser's own line for an answer of this status. */
  expect(status: number): void;
  hear(context: BrowserContext): void;
}

interface ForEachTest {
  /** Whether the test's team is a production team. */
  production: boolean;
  complaints: Complaints;
  /** A page of a browser of its own: somebody's who is signed in, or of nobody yet. */
  open: (session?: Session) => Promise<Page>;
  /** A team of this test's own, with a workspace of its own. */
  team: Team;
  operator: Page;
  viewer: Page;
  auditor: Page;
  admin: Page;
}

interface ForEachWorker {
  portal: Portal;
  /** Signs somebody in, once for all tests of the worker. */
  session: (role: Role) => Promise<Session>;
}

export const test = base.extend<ForEachTest, ForEachWorker>({
  portal: [
    async ({}, use) => {
      const workato = await Sandbox.start({ workspaces: WORKSPACES, connections: CONNECTIONS });
      const portal = await Portal.start(workato, {
        PORTAL_WORKATO_TIMEOUT: "3", // long enough for a busy machine, short enough to be waited for
        PORTAL_WATCH_EVERY: "86400", // a comparison would use up what a test has told the sandbox to do once
        PORTAL_SETTLE_EVERY: "86400", // what a test has left unknown stays so while the test looks at it
      });
      await portal.addPeople();
      await use(portal);
      await portal.stop();
      await workato.stop();
    },
    { scope: "worker" },
  ],

  session: [
    async ({ portal, playwright }, use) => {
      const sessions = new Map<Role, Session>();
      await use(async (role) => {
        const known = sessions.get(role);
        if (known) return known;
        const request = await playwright.request.newContext({ baseURL: portal.url });
        const { email, password } = PEOPLE[role];
        await request.post("/api/fn/sign_in", { form: { email, password }, maxRedirects: 0 });
        const session = await request.storageState();
        await request.dispose();
        sessions.set(role, session);
        return session;
      });
    },
    { scope: "worker" },
  ],

  production: [false, { option: true }],

  baseURL: async ({ portal }, use) => use(portal.url),

  complaints: async ({}, use) => {
    const expected: RegExp[] = [];
    const heard: string[] = [];
    await use({
      expect: (status) => expected.push(new RegExp(`^Failed to load resource: .* status of ${status}\\b`)),
      hear: (context) => {
        context.on("console", (message) => {
          if (message.type() !== "error" && message.type() !== "warning") return;
          heard.push(`${message.text()} (${message.location().url})`);
        });
        context.on("weberror", (error) => heard.push(String(error.error())));
      },
    });
    const unexpected = heard.filter((text) => !expected.some((allowed) => allowed.test(text)));
    expect(unexpected, "what a page complained of in the console").toEqual([]);
  },

  context: async ({ context, complaints }, use) => {
    complaints.hear(context);
    await use(context);
  },

  open: async ({ browser, complaints }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (storageState) => {
      const context = await browser.newContext({ storageState });
      complaints.hear(context);
      opened.push(context);
      return context.newPage();
    });
    for (const context of opened) await context.close();
  },

  team: async ({ portal, production }, use) => {
    await use(await portal.addTeam({ production }));
    await portal.workato.behave();
  },

  operator: async ({ open, session }, use) => use(await open(await session("operator"))),
  viewer: async ({ open, session }, use) => use(await open(await session("viewer"))),
  auditor: async ({ open, session }, use) => use(await open(await session("auditor"))),
  admin: async ({ open, session }, use) => use(await open(await session("admin"))),
});

export { expect, PEOPLE };

/** Fills in the sign-in form of the page at hand, and sends it. */
export async function signIn(page: Page, { email, password }: Pick<Person, "email" | "password">): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

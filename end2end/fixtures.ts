// What tests are given: a portal and a sandbox of their own, a team, a page for each role, and the rule that no page may
// log an error in the browser's console. Specs import `test` and `expect` from here.
//
// Nothing is shared between tests but the template, which no test changes. What a test finds therefore depends neither
// on the tests before it nor on how many workers there are.

import { createHash } from "node:crypto";

import { test as base, expect, type BrowserContext, type Page, type TestInfo } from "@playwright/test";

import { PEOPLE, Portal, type Person, type Role, type Team } from "./portal";
import type { Environment } from "./program";
import { Sandbox, type Size } from "./sandbox";
import { sessionOf, signedIn, templateFolder, type Session } from "./template";

/** Errors and warnings in the browser's console. Any that a test does not expect fails it. */
export interface Complaints {
  /** Expects the line that the browser logs for a response with this status. */
  expect(status: number): void;
  /** Expects lines like this one. */
  expectLine(line: RegExp): void;
  hear(context: BrowserContext): void;
}

/** The pages of a test's people. A new membership ends a person's sessions, so they sign in again after a team was set up. */
class Sessions {
  private areOver = false;
  private readonly contexts: [Role, BrowserContext][] = [];

  constructor(
    private readonly portal: Portal,
    private readonly open: (session?: Session) => Promise<Page>,
  ) {}

  async page(role: Role): Promise<Page> {
    const page = await this.open(this.areOver ? await signedIn(this.portal.url, role) : await sessionOf(role));
    this.contexts.push([role, page.context()]);
    return page;
  }

  /** Signs everybody in again. */
  async begin(): Promise<void> {
    this.areOver = true;
    for (const [role, context] of this.contexts) {
      const { cookies } = await signedIn(this.portal.url, role);
      await context.clearCookies();
      await context.addCookies(cookies);
    }
  }
}

interface ForEachTest {
  /** What the sandbox holds. */
  size: Size;
  /** Whether the portal starts with people and a team in it, or empty. */
  start: "with people" | "empty";
  /** Settings of the portal in which it differs from the other tests'. */
  settings: Environment;
  /** Whether the test's team is a production team. */
  production: boolean;
  sandbox: Sandbox;
  portal: Portal;
  /** A team with a workspace that no other team has. */
  team: Team;
  complaints: Complaints;
  /** Opens a page in a browser context of its own, signed in with this session or not at all. */
  open: (session?: Session) => Promise<Page>;
  sessions: Sessions;
  operator: Page;
  viewer: Page;
  auditor: Page;
  admin: Page;
}

export const test = base.extend<ForEachTest>({
  // More connections than fit on two pages.
  size: [{ workspaces: 1, connections: 120 }, { option: true }],
  start: ["with people", { option: true }],
  settings: [{}, { option: true }],
  production: [false, { option: true }],

  sandbox: async ({ size }, use, testInfo) => {
    const sandbox = await Sandbox.start(size, seedOf(testInfo));
    await use(sandbox);
    await sandbox.stop();
  },

  portal: async ({ sandbox, start, settings }, use) => {
    const portal = await Portal.start({
      copyOf: start === "with people" ? templateFolder() : undefined,
      workatoUrl: sandbox.url,
      settings: {
        PORTAL_WATCH_EVERY: "86400", // a comparison would use up faults that strike once
        PORTAL_WATCH_FIRST_AFTER: "86400",
        PORTAL_SETTLE_EVERY: "86400", // what a test has left unknown stays unknown while the test looks at it
        PORTAL_SESSION_IDLE: "600", // the template's sessions are used for as long as the tests run
        ...settings,
      },
    });
    await use(portal);
    await portal.discard();
  },

  baseURL: async ({ portal }, use) => use(portal.url),

  team: async ({ portal, sandbox, production, sessions }, use) => {
    const team = await portal.addTeam(sandbox, { production });
    await sessions.begin();
    await use(team);
  },

  complaints: async ({}, use) => {
    const expected: RegExp[] = [];
    const heard: string[] = [];
    await use({
      expect: (status) => expected.push(new RegExp(`^Failed to load resource: .* status of ${status}\\b`)),
      expectLine: (line) => expected.push(line),
      hear: (context) => {
        context.on("console", (message) => {
          if (message.type() !== "error" && message.type() !== "warning") return;
          heard.push(`${message.text()} (${message.location().url})`);
        });
        context.on("weberror", (error) => heard.push(String(error.error())));
      },
    });
    const unexpected = heard.filter((text) => !expected.some((allowed) => allowed.test(text)));
    expect(unexpected, "errors and warnings in the console").toEqual([]);
  },

  context: async ({ context, complaints }, use) => {
    complaints.hear(context);
    await use(context);
  },

  // Depends on `portal` so that its pages are closed before the server ends.
  open: async ({ browser, complaints, portal }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (storageState) => {
      const context = await browser.newContext({ baseURL: portal.url, storageState });
      complaints.hear(context);
      opened.push(context);
      return context.newPage();
    });
    for (const context of opened) await context.close();
  },

  sessions: async ({ portal, open }, use) => use(new Sessions(portal, open)),
  operator: async ({ sessions }, use) => use(await sessions.page("operator")),
  viewer: async ({ sessions }, use) => use(await sessions.page("viewer")),
  auditor: async ({ sessions }, use) => use(await sessions.page("auditor")),
  admin: async ({ sessions }, use) => use(await sessions.page("admin")),
});

export { expect, PEOPLE };

/** Fills in the sign-in form on this page and submits it. */
export async function signIn(page: Page, { email, password }: Pick<Person, "email" | "password">): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/**
 * The seed of a test's data, made from its file and title. E2E_DATA adds to it: with another value every test gets
 * other data, and must pass all the same.
 */
function seedOf({ titlePath }: TestInfo): number {
  const text = [process.env.E2E_DATA ?? "", ...titlePath].join("\n");
  return createHash("sha256").update(text).digest().readUInt32BE();
}

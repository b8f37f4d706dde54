// What every test starts from: a portal with one person for each role, who are signed in. Setting it up takes seconds, so
// it is done once for each run (playwright.config.ts), and each test starts with a copy.

import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { request, type APIRequestContext } from "@playwright/test";

import { PEOPLE, Portal, type Role } from "./portal";

export type Session = Awaited<ReturnType<APIRequestContext["storageState"]>>;

/** A team without a token, so that nobody in a test is a member of one team only. Nothing is ever sent for it. */
const ELSEWHERE = { name: "Elsewhere", slug: "elsewhere", workato_url: "https://www.workato.com", production: "yes" };

/** Makes the template before the first test; returns what removes it after the last. */
export default async function makeTemplate(): Promise<() => Promise<void>> {
  const portal = await Portal.start();
  await portal.addPeople();
  const sessions: Partial<Record<Role, Session>> = {};
  sessions.admin = await signedIn(portal.url, "admin", async (context) => {
    await post(context, "create_team", ELSEWHERE, `/admin/teams/${ELSEWHERE.slug}`);
  });
  // Before they sign in: a new membership ends a person's sessions.
  for (const role of ["operator", "viewer"] as const) await portal.setMember(ELSEWHERE.slug, role, role);
  for (const role of ["operator", "viewer", "auditor"] as const) sessions[role] = await signedIn(portal.url, role);
  await portal.stop();
  await writeFile(join(portal.folder, "sessions.json"), JSON.stringify(sessions));
  // Workers inherit it.
  process.env.E2E_TEMPLATE = portal.folder;
  return () => rm(portal.folder, { recursive: true, force: true });
}

/** The folder of the stopped portal. */
export function templateFolder(): string {
  const { E2E_TEMPLATE } = process.env;
  if (!E2E_TEMPLATE) throw new Error("There is no template: playwright.config.ts names template.ts as its global set-up.");
  return E2E_TEMPLATE;
}

export async function sessionOf(role: Role): Promise<Session> {
  const sessions = JSON.parse(await readFile(join(templateFolder(), "sessions.json"), "utf8")) as Record<Role, Session>;
  return sessions[role];
}

/** Signs somebody in, and does something in the session. */
export async function signedIn(
  url: string,
  role: Role,
  work?: (context: APIRequestContext) => Promise<void>,
): Promise<Session> {
  const context = await request.newContext({ baseURL: url });
  const { email, password } = PEOPLE[role];
  await post(context, "sign_in", { email, password }, "/");
  await work?.(context);
  const session = await context.storageState();
  await context.dispose();
  return session;
}

/** Posts a form, which leads to this path unless it is refused. */
async function post(
  context: APIRequestContext,
  endpoint: string,
  form: Record<string, string>,
  path: string,
): Promise<void> {
  const answer = await context.post(`/api/fn/${endpoint}`, { form, maxRedirects: 0 });
  const { location = "" } = answer.headers();
  if (new URL(location, "http://portal").pathname !== path) {
    throw new Error(`${endpoint} answered ${answer.status()} ${location}`);
  }
}

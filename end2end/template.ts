// What every test starts from: a portal with one person for each role, who are signed in. Setting it up takes seconds,
// so each worker does it once and each test starts with a copy.

import { rm } from "node:fs/promises";

import type { APIRequest, APIRequestContext } from "@playwright/test";

import { PEOPLE, Portal, type Role } from "./portal";

export type Session = Awaited<ReturnType<APIRequestContext["storageState"]>>;

export interface Template {
  /** The folder of a stopped portal. */
  folder: string;
  sessions: Record<Role, Session>;
}

/** A team without a token, so that nobody in a test is a member of one team only. Nothing is ever sent for it. */
const ELSEWHERE = { name: "Elsewhere", slug: "elsewhere", workato_url: "https://www.workato.com", production: "yes" };

export async function makeTemplate(requests: APIRequest): Promise<Template> {
  const portal = await Portal.start();
  await portal.addPeople();
  const signIn = async (role: Role) => {
    const request = await requests.newContext({ baseURL: portal.url });
    const { email, password } = PEOPLE[role];
    await post(request, "sign_in", { email, password }, "/");
    if (role === "admin") await post(request, "create_team", ELSEWHERE, `/admin/teams/${ELSEWHERE.slug}`);
    const session = await request.storageState();
    await request.dispose();
    return session;
  };
  const sessions = {
    operator: await signIn("operator"),
    viewer: await signIn("viewer"),
    auditor: await signIn("auditor"),
    admin: await signIn("admin"),
  };
  for (const role of ["operator", "viewer"] as const) await portal.setMember(ELSEWHERE.slug, role, role);
  await portal.stop();
  return { folder: portal.folder, sessions };
}

export async function removeTemplate({ folder }: Template): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Posts a form, which leads to this path unless it is refused. */
async function post(
  request: APIRequestContext,
  endpoint: string,
  form: Record<string, string>,
  path: string,
): Promise<void> {
  const answer = await request.post(`/api/fn/${endpoint}`, { form, maxRedirects: 0 });
  const { location = "" } = answer.headers();
  if (new URL(location, "http://portal").pathname !== path) {
    throw new Error(`${endpoint} answered ${answer.status()} ${location}`);
  }
}

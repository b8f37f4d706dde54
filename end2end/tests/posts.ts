// What a form would send, sent without its page: for what a test needs to have happened, and for people who send what
// no page offers them.

import { randomUUID } from "node:crypto";

import type { APIResponse, Page } from "@playwright/test";

import type { Team } from "../portal";

export interface Posted {
  operation: string;
  answer: APIResponse;
}

/** Sends it as whoever is signed in on `page`. */
export async function post(page: Page, endpoint: string, fields: Record<string, string | number>): Promise<Posted> {
  const operation = randomUUID();
  const answer = await page.request.post(`/api/fn/${endpoint}`, { form: { operation, ...fields }, maxRedirects: 0 });
  return { operation, answer };
}

/** What is to be shared, and why. */
export interface Share {
  connector: number;
  version: number;
  reason?: string;
}

/** Shares a version as the form on the connector's page does: in place of the one that is shared now. */
export async function share(page: Page, team: Team, { connector, ...asked }: Share): Promise<Posted> {
  const { connectors } = await team.workato.inside();
  const replaces = connectors.find((one) => one.id === connector)?.shared?.version ?? "none";
  return post(page, "share_version", { team: team.slug, connector, replaces, ...asked });
}

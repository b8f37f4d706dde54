// Sends what a form would send, without opening its page: to set up what a test is about, and for requests that no page
// offers.

import { randomUUID } from "node:crypto";

import type { APIResponse, Page } from "@playwright/test";

import type { Team } from "../portal";

export interface Posted {
  operation: string;
  answer: APIResponse;
}

/** Sends it as the person who is signed in on `page`. */
export async function post(page: Page, endpoint: string, fields: Record<string, string | number>): Promise<Posted> {
  const operation = randomUUID();
  const answer = await page.request.post(`/api/fn/${endpoint}`, { form: { operation, ...fields }, maxRedirects: 0 });
  return { operation, answer };
}

export interface Share {
  connector: number;
  version: number;
  reason?: string;
}

/** Shares a version in place of the one that is shared now, like the form on the connector's page. */
export async function share(page: Page, team: Team, { connector, ...asked }: Share): Promise<Posted> {
  const { connectors } = await team.workato.inside();
  const replaces = connectors.find((one) => one.id === connector)?.shared?.version ?? "none";
  return post(page, "share_version", { team: team.slug, connector, replaces, ...asked });
}

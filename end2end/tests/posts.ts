// What a form would send, sent without its page: for what a test needs to have happened, and for people who send what
// no page offers them.

import { randomUUID } from "node:crypto";

import type { APIResponse, Page } from "@playwright/test";

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

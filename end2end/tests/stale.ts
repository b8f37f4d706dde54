import { expect, type Page } from "@playwright/test";

/** Waits until the factor that somebody gave no longer counts as fresh: as long as it does, the page that asks for one
 * leads elsewhere. */
export async function untilStale(page: Page): Promise<void> {
  const status = async () => (await page.request.get("/account/confirm", { maxRedirects: 0 })).status();
  await expect.poll(status, { timeout: 20_000 }).toBe(200);
}

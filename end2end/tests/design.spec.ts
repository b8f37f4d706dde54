// The picture of every component, in the demo. `--update-snapshots` approves a new one.

import { expect, test } from "../fixtures";
import { Server } from "../program";

// The fonts are those that Debian's Chromium brings along.
test.use({ timezoneId: "UTC" });

test("every component looks as it was approved, and the page is only in the demo", async ({
  page,
  operator,
  complaints,
  javaScriptEnabled,
}) => {
  complaints.expect(404);
  expect((await operator.goto("/design"))?.status()).toBe(404);

  const args = ["demo", "--connections", "20", "--connectors", "5", "--no-history"];
  const demo = await Server.start(args, { PORTAL_ADDR: "127.0.0.1:0" }, /The sandbox listens on/);
  try {
    const said = (what: string) => demo.said(new RegExp(`${what} +(\\S+)`));
    const base = said("Open");
    await page.goto(`${base}/login`);
    await page.getByLabel("Email").fill(said("Email"));
    await page.getByLabel("Password").fill(said("Password"));
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL(`${base}/`);
    await page.goto(`${base}/design`);
    if (javaScriptEnabled) await expect(page.getByRole("button", { name: "Copy" })).toBeVisible();
    const parts = page.locator(".page");
    await expect(parts).toHaveScreenshot("components.png", { animations: "disabled", maxDiffPixelRatio: 0.002 });
  } finally {
    await demo.kill();
  }
});

// The ground everything stands on: pages come whole, the policy holds, islands wake. Nothing about what pages say.

import { expect, test } from "../fixtures";

test("a page comes styled and without complaint", async ({ page }) => {
  const answer = await page.goto("/login");
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const sheets = await page.request.get((await page.locator("link[rel=stylesheet]").getAttribute("href")) ?? "");
  expect(sheets.headers()["content-type"]).toContain("text/css");
  expect(sheets.headers()["cache-control"]).toContain("immutable");
});

test("nothing runs that the policy does not name", async ({ page }) => {
  const answer = await page.goto("/");
  const policy = answer?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe-inline");
  const html = (await answer?.text()) ?? "";
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=/);
});

test("an unknown path is a page of the portal's own with status 404", async ({ page, complaints }) => {
  complaints.expect(404);
  const answer = await page.goto("/no/such/page");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("the theme switch wakes, and its choice outlives the page", async ({ operator, javaScriptEnabled }) => {
  await operator.goto("/account");
  const theme = operator.getByLabel("Theme");
  if (!javaScriptEnabled) {
    await expect(theme).toBeHidden();
    return;
  }
  await theme.selectOption("Dark");
  await expect(operator.locator("html")).toHaveAttribute("data-theme", "dark");
  await operator.reload({ waitUntil: "commit" });
  await expect(operator.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(theme).toHaveValue("dark");
  await theme.selectOption("System");
  await expect(operator.locator("html")).not.toHaveAttribute("data-theme");
});

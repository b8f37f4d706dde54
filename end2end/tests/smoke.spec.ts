// The basics: pages are complete and styled, the Content-Security-Policy holds, islands hydrate.

import { expect, test } from "../fixtures";
import { openPersonMenu } from "./frame";

test("a page is styled and logs no errors", async ({ page }) => {
  const answer = await page.goto("/login");
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const sheets = await page.request.get((await page.locator("link[rel=stylesheet]").getAttribute("href")) ?? "");
  expect(sheets.headers()["content-type"]).toContain("text/css");
  expect(sheets.headers()["cache-control"]).toContain("immutable");
});

test("a first visit loads at most 80 kB of scripts, module and styles", async ({ operator }) => {
  const html = await (await operator.request.get("/")).text();
  const files = new Set(html.match(/\/pkg\/[\w.-]+/g));
  const kinds = [...files].map((path) => path.split(".").at(-1));
  expect(new Set(kinds)).toEqual(new Set(["css", "js", "wasm"]));
  let bytes = 0;
  for (const path of files) {
    const answer = await operator.request.get(path, { headers: { "accept-encoding": "br" } });
    expect(answer.headers()["content-encoding"]).toBe("br");
    bytes += Number(answer.headers()["content-length"]);
  }
  expect(bytes).toBeGreaterThan(20_000);
  expect(bytes).toBeLessThanOrEqual(80_000);
});

test("the policy allows nothing inline, and pages have nothing inline", async ({ page }) => {
  const answer = await page.goto("/");
  const policy = answer?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe-inline");
  const html = (await answer?.text()) ?? "";
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=/);
});

test("an unknown path shows one of the portal's pages with status 404", async ({ page, complaints }) => {
  complaints.expect(404);
  const answer = await page.goto("/no/such/page");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("the theme switch hydrates, and its choice outlasts a reload", async ({ operator, javaScriptEnabled }) => {
  await operator.goto("/account");
  const theme = operator.getByRole("group", { name: "Theme" });
  await openPersonMenu(operator);
  if (!javaScriptEnabled) {
    await expect(theme).toBeHidden();
    return;
  }
  await theme.getByRole("button", { name: "Dark" }).click();
  await expect(operator.locator("html")).toHaveAttribute("data-theme", "dark");
  await operator.reload({ waitUntil: "commit" });
  await expect(operator.locator("html")).toHaveAttribute("data-theme", "dark");
  await openPersonMenu(operator);
  await expect(theme.getByRole("button", { name: "Dark" })).toHaveAttribute("aria-pressed", "true");
  await theme.getByRole("button", { name: "System" }).click();
  await expect(operator.locator("html")).not.toHaveAttribute("data-theme");
});

for (const kind of ["js", "wasm"]) {
  test(`a module (.${kind}) that is not of this build does not run`, async ({ operator, complaints, javaScriptEnabled }) => {
    complaints.expectLine(/integrity|is not the file that the portal was built with|Failed to fetch/);
    let altered = 0;
    await operator.route(`**/pkg/portal-*.${kind}`, async (route) => {
      const answer = await route.fetch();
      altered += 1;
      await route.fulfill({ response: answer, body: Buffer.concat([await answer.body(), Buffer.from("\n")]) });
    });
    await operator.goto("/account", { waitUntil: "networkidle" });
    await openPersonMenu(operator);
    await expect(operator.getByRole("group", { name: "Theme" })).toBeHidden();
    expect(altered).toBe(javaScriptEnabled ? 1 : 0);
  });
}

test("times are in the reader's zone, which a page names once", async ({ operator, javaScriptEnabled }) => {
  await operator.goto("/account", { waitUntil: "networkidle" });
  const zone = operator.locator(".in-zone");
  await expect(zone).toHaveCount(1);
  // The browser is in Berlin.
  await expect(zone).toHaveText(javaScriptEnabled ? /^Times are in UTC\+[12]\.$/ : "Times are in UTC.");
  const time = operator.locator("time[data-absolute]").first();
  const corrected = await time.textContent();
  await expect(time).toHaveAttribute("title", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);

  // The next page comes with these times and does not change after loading.
  const drawn = await (await operator.request.get("/account")).text();
  expect(drawn).toContain(`>${corrected}</time>`);
  expect(/data-zone[^>]*>UTC\+[12]</.test(drawn)).toBe(javaScriptEnabled);
});

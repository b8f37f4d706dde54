// Who looks at the portal: with and without JavaScript, in light and in dark, on a desk and on a phone.
// The server is started by the tests themselves (fixtures.ts), one for each worker.

import { defineConfig } from "@playwright/test";

const projects = [true, false].flatMap((javaScriptEnabled) =>
  (["light", "dark"] as const).flatMap((colorScheme) =>
    [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ].map((viewport) => {
      const name = `${javaScriptEnabled ? "js" : "no-js"} ${colorScheme} ${viewport.width}`;
      return { name, use: { javaScriptEnabled, colorScheme, viewport }, testIgnore: elsewhere(name) };
    }),
  ),
);

/**
 * What a project leaves to others. Colours and widths are tried where they matter: on the operator's and the auditor's
 * day, and by axe, which is a script in the page. Everything else is walked at both ends: on a desk with JavaScript, and
 * on a phone without. 20,000 connections are as many for everybody.
 */
function elsewhere(project: string): string[] {
  const isEnd = project === "js light 1440" || project === "no-js dark 390";
  return [
    ...(project.startsWith("no-js") ? ["**/axe.spec.ts"] : []),
    ...(project === "js light 1440" ? [] : ["**/twenty_thousand.spec.ts"]),
    ...(isEnd ? [] : ["**/!(operator|auditor|axe|twenty_thousand).spec.ts"]),
  ];
}

export default defineConfig({
  testDir: "tests",
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  // A browser that dies on a busy machine is started once more; a test that needed it is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  // Generous: a machine that does other things as well is slow, and no test is about time.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: process.env.CI ? [["line"], ["html", { open: "never" }]] : "list",
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    screenshot: "only-on-failure", // a trace of everything costs a third of the time; `--trace on` records one
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox", // Chromium refuses to start as root with it
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects,
});

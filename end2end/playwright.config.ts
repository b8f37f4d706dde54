// The browsers that the tests run in: with and without JavaScript, light and dark, as wide as a desktop and as a phone.
// Tests start their servers themselves (fixtures.ts), with copies of a portal that is set up before the first (template.ts).

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
 * The specs that a project leaves out. The operator's and the auditor's spec run in every project, because they show how
 * pages look in each; so does axe wherever there is JavaScript, which it is written in. The other specs run on a desktop
 * with JavaScript and on a phone without. Nothing about 20,000 connections depends on the browser.
 */
function elsewhere(project: string): string[] {
  const isEnd = project === "js light 1440" || project === "no-js dark 390";
  return [
    ...(project.startsWith("no-js") ? ["**/axe.spec.ts"] : []),
    ...(project === "js light 1440" ? [] : ["**/twenty_thousand.spec.ts"]),
    ...(isEnd ? [] : ["**/!(operator|auditor|axe|twenty_thousand).spec.ts"]),
  ];
}

/**
 * With libfaketime (odd.sh), Chromium hangs unless its monotonic clock is shifted, too, and the server's timers stop when
 * theirs is.
 */
function withWholeClock({ FAKETIME_DONT_FAKE_MONOTONIC: _, ...environment }: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter((one): one is [string, string] => one[1] !== undefined));
}

export default defineConfig({
  testDir: "tests",
  globalSetup: "./template.ts",
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  // Chromium can crash on a busy machine. A test that passes on its second try is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  // No test is about time, and on a machine that also does other things everything takes several times as long.
  timeout: 600_000,
  expect: { timeout: 60_000 },
  reporter: process.env.CI ? [["line"], ["html", { open: "never" }]] : "list",
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    screenshot: "only-on-failure", // traces take a third of the time; `--trace on` records them
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      env: withWholeClock(process.env),
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

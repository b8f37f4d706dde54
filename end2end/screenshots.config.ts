// Takes the screenshots in the README: `npm run screenshots`. Not part of the tests.

import { defineConfig } from "@playwright/test";

import tests from "./playwright.config";

export default defineConfig({
  ...tests,
  testDir: "screenshots",
  workers: 1,
  projects: (["light", "dark"] as const).map((colorScheme) => ({
    name: colorScheme,
    use: { colorScheme, viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1, timezoneId: "UTC" },
  })),
});

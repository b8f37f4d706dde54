// The real server for the tests of a worker, and the rule that a page may not complain.
// Knows nothing of single pages; specs import `test` and `expect` from here.

import { test as base, expect } from "@playwright/test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const BINARY = resolve(import.meta.dirname, "../target/release/partner-portal");

export interface Portal {
  url: string;
  /** Everything the server has printed so far, a line each. */
  printed: string[];
}

/** What the browser may say in its console in this test: its own line for an expected 4xx, say. */
export interface Complaints {
  expect(message: RegExp): void;
}

export const test = base.extend<{ complaints: Complaints }, { portal: Portal }>({
  portal: [
    async ({}, use) => {
      const dataDir = await mkdtemp(join(tmpdir(), "portal-"));
      const port = await freePort();
      const server = spawn(BINARY, ["demo"], {
        env: { ...process.env, PORTAL_ADDR: `127.0.0.1:${port}`, PORTAL_DATA_DIR: dataDir },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const printed: string[] = [];
      for (const stream of [server.stdout, server.stderr]) {
        createInterface({ input: stream }).on("line", (line) => printed.push(line));
      }
      const url = `http://127.0.0.1:${port}`;
      await expect
        .poll(() => answers(url, server.exitCode, printed), { message: "the portal answers", timeout: 30_000 })
        .toBe(true);
      await use({ url, printed });
      server.kill("SIGTERM");
      if (server.exitCode === null) await once(server, "exit");
      await rm(dataDir, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],

  baseURL: async ({ portal }, use) => use(portal.url),

  complaints: [
    async ({ page }, use) => {
      const expected: RegExp[] = [];
      const heard: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") heard.push(message.text());
      });
      page.on("pageerror", (error) => heard.push(String(error)));
      await use({ expect: (message) => expected.push(message) });
      const unexpected = heard.filter((text) => !expected.some((allowed) => allowed.test(text)));
      expect(unexpected, "what the page complained of in the console").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

async function answers(url: string, exitCode: number | null, printed: string[]): Promise<boolean> {
  if (exitCode !== null) throw new Error(`the portal ended with ${exitCode}:\n${printed.join("\n")}`);
  return fetch(`${url}/robots.txt`).then(
    (answer) => answer.ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

// Evidence: an auditor exports filtered operations as a file, and an outsider verifies it without the portal.

import { readFile, writeFile } from "node:fs/promises";

import type { Page } from "@playwright/test";

import { expect, test } from "../fixtures";
import { verifyBundle } from "../portal";
import { missing } from "./choose";
import { share } from "./posts";

test("the filtered log is exported in each format, and the bundle is verified without the portal", async ({
  auditor,
  operator,
  team,
  portal,
}, testInfo) => {
  const { connectors } = await team.workato.inside();
  const older = connectors.flatMap(({ id, shared, versions }) => {
    const released = versions.find((one) => one.released_at && shared && one.version < shared.version);
    return released ? [{ connector: id, version: released.version }] : [];
  });
  const reason = "=the customers wait";
  const { operation } = await share(operator, team, { ...(older[0] ?? missing("an older released version")), reason });

  const list = `/audit?team=${team.slug}&action=connector.share`;
  const csv = await exported(auditor, list, "Export CSV", /^audit-log-\d{4}-\d\d-\d\d\.csv$/);
  const rows = csv.trim().split("\n");
  expect(rows).toHaveLength(3); // the headings, the intent and its outcome
  expect(rows.slice(1).every((row) => row.includes(operation))).toBe(true);
  expect(csv).toContain(`'${reason}`);
  expect(csv).not.toContain(`,${reason}`);

  const jsonl = await exported(auditor, list, "Export JSONL", /^audit-log-\d{4}-\d\d-\d\d\.jsonl$/);
  const entries = linesOf(jsonl).map((line) => line.entry);
  expect(entries).toMatchObject([
    { operation_id: operation, stage: "intent", reason },
    { operation_id: operation, stage: "outcome", outcome: "succeeded" },
  ]);

  const bundle = await exported(auditor, list, "Export evidence bundle", /^evidence-\d{4}-\d\d-\d\d\.jsonl$/);
  const proven = linesOf(bundle).flatMap((line) => (line.entry ? [line.entry] : []));
  expect(proven.slice(0, 2)).toEqual(entries);
  expect(proven[2]).toMatchObject({ action: "audit.export", actor: { name: "Aude Auditor" } });

  const key = await portal.publicKey();
  const file = testInfo.outputPath("evidence.jsonl");
  await writeFile(file, bundle);
  expect(await verifyBundle(file, key)).toContain(`Exported by Aude Auditor`);
  await writeFile(file, bundle.replace("connector.share", "connector.spare"));
  await expect(verifyBundle(file, key)).rejects.toThrow(/line \d+: /);

  await auditor.goto("/audit?action=audit.export");
  await expect(auditor.getByRole("table")).toContainText(
    `Aude Auditor exported the audit log, 1 operation, matching team:${team.slug} action:connector.share`,
  );
});

/** Exports with this button on the page at `path`, and returns what the file holds. */
async function exported(page: Page, path: string, button: string, name: RegExp): Promise<string> {
  await page.goto(path);
  await page.getByText("Export", { exact: true }).click();
  await expect(page.getByRole("form", { name: "Export" })).toContainText("1 operation, each with all its entries");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(name);
  return readFile(await download.path(), "utf8");
}

interface Line {
  entry?: Record<string, unknown>;
}

function linesOf(text: string): Line[] {
  return text.trimEnd().split("\n").map((line) => JSON.parse(line) as Line);
}

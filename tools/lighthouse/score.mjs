// Starts the demo behind a TLS proxy, signs in, and scores the main pages with Lighthouse, as on a desktop and as on a
// phone. score.sh makes the certificate and installs the scorer.

import lighthouse, { desktopConfig } from "lighthouse";
import { launch } from "puppeteer-core";

import { HOST, signIn, startDemo } from "../https-demo.mjs";

const [program, folder] = process.argv.slice(2);
const LEAST = 98;
/** The most that a page may move while it loads. */
const MOST_SHIFT = 0.01;
/** On a busy machine a run can be slow for reasons of its own, so the best of so many counts. */
const RUNS = 3;
const CATEGORIES = ["performance", "accessibility", "best-practices"];
const DEVICES = { desktop: desktopConfig, phone: undefined };

const { base, email, password, stop } = await startDemo(program, folder);
const chrome = await launch({
  executablePath: process.env.CHROME_PATH,
  args: ["--no-sandbox", "--disable-gpu", "--ignore-certificate-errors"], // Chromium refuses to start as root with a sandbox
});

/** The path of the first link on a page that matches. */
async function firstLink(path, wanted, headers) {
  const page = await (await fetch(base + path, { headers })).text();
  const found = [...page.matchAll(/href="([^"]+)"/g)].map(([, href]) => href).find((href) => wanted.test(href));
  if (!found) throw new Error(`${path} has no link that matches ${wanted}`);
  return found;
}

async function score(path, config, session) {
  const context = await chrome.createBrowserContext();
  if (session) {
    const [name, value] = session.split("=");
    await context.setCookie({ name, value, domain: HOST, path: "/", secure: true, httpOnly: true });
  }
  // The reset would also remove the session.
  const options = { onlyCategories: CATEGORIES, disableStorageReset: true, logLevel: "error" };
  const { lhr } = await lighthouse(base + path, options, config, await context.newPage());
  await context.close();
  if (lhr.runtimeError) throw new Error(`${path}: ${lhr.runtimeError.message}`);
  if (lhr.finalDisplayedUrl !== base + path) throw new Error(`${path} led to ${lhr.finalDisplayedUrl}`);
  const scores = CATEGORIES.map((name) => Math.round(lhr.categories[name].score * 100));
  const failed = CATEGORIES.flatMap((name) => lhr.categories[name].auditRefs)
    .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 0.98)
    .map(({ id }) => `${id} ${lhr.audits[id].displayValue ?? ""}`);
  return { scores, shift: lhr.audits["cumulative-layout-shift"].numericValue, failed };
}

const isGood = ({ scores, shift }) => scores.every((one) => one >= LEAST) && shift <= MOST_SHIFT;

try {
  const session = await signIn(base, email, password);
  const headers = { Cookie: session };
  const team = await firstLink("/", /^\/teams\/[\w-]+\/connections$/, headers);
  const of = (part) => team.replace("connections", part);
  const pages = {
    "Sign in": "/login",
    Home: "/",
    Connections: team,
    Connectors: of("connectors"),
    "A connector": await firstLink(of("connectors"), /\/connectors\/\d+$/, headers),
    Customers: of("customers"),
    Audit: "/audit",
    "An operation": await firstLink("/audit", /^\/audit\/[0-9a-f-]{36}$/, headers),
  };
  console.log(`${"".padEnd(24)}${CATEGORIES.join("  ")}  shift`);
  for (const [device, config] of Object.entries(DEVICES)) {
    for (const [name, path] of Object.entries(pages)) {
      let best;
      for (let run = 0; run < RUNS && !(best && isGood(best)); run += 1) {
        const one = await score(path, config, path === "/login" ? undefined : session);
        if (!best || one.scores[0] > best.scores[0]) best = one;
      }
      const cells = best.scores.map((one, at) => String(one).padStart(CATEGORIES[at].length)).join("  ");
      console.log(`${`${name}, ${device}`.padEnd(24)}${cells}  ${best.shift.toFixed(3)}`);
      if (!isGood(best)) {
        for (const audit of best.failed) console.error(`  ${audit}`);
        process.exitCode = 1;
      }
    }
  }
} finally {
  await chrome.close();
  stop();
}

// Scans the demo with wapiti: as somebody without a session, and signed in as each role. Fails if it finds a vulnerability
// or an anomaly; its third kind, "additionals", is informational. scan.sh makes the certificate.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { signIn, startDemo } from "../https-demo.mjs";

const [program, wapiti, folder, ...chosen] = process.argv.slice(2);
/** Whether to scan as somebody: as everybody unless some are named. */
const isChosen = (who) => chosen.length === 0 || chosen.includes(who);

/** Who is in the demo's folder besides its operator: the role in the portal, and in the team. */
const PEOPLE = [
  { who: "viewer", role: "member", inTeam: "viewer" },
  { who: "operator", role: "member", inTeam: "operator" },
  { who: "auditor", role: "auditor" },
  { who: "admin", role: "admin" },
];
const TEAM = "payments";
const emailOf = (who) => `scanning-${who}@example.com`;
const PASSWORD = "harbour-lantern-quartz-47";

/**
 * Left out: `ssl` and `https_redirect` look at the proxy of this test; `csrf` wants tokens where the portal compares Origin
 * and Sec-Fetch-Site; `ldap`, `spring4shell` and `shellshock` look for LDAP, Java and CGI, and take a refusal of what they
 * send (422, 429) for a finding; the rest needs other hosts or looks for one product (WordPress, Wappalyzer's list).
 */
const MODULES = [
  "backup", "cookieflags", "crlf", "csp", "exec", "file", "htaccess", "http_headers", "methods", "permanentxss",
  "redirect", "sql", "timesql", "upload", "xss",
];
/** Seconds that a module may take for a role. */
const MODULE_SECONDS = 120;
const CRAWL_SECONDS = 240;

/** What would end the scan's own session, or make the person's rights end it. */
const LEFT_OUT = [
  "sign_out", "end_sessions", "revoke_session", "revoke_sessions", "change_password", "set_role", "set_member",
  "disable_person", "remove_member",
];

function portal(...args) {
  const keys = ["--data-dir", join(folder, "data"), "--master-key-file", join(folder, "data", "demo.key")];
  const done = spawnSync(program, [...args, ...keys], { input: PASSWORD, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${args.join(" ")}: ${done.stderr}`);
}

/** Scans as somebody with this cookie. Returns what was found, as lines. */
async function scan(base, who, cookie) {
  const report = join(folder, `${who}.json`);
  const signedIn = cookie ? ["-C", cookie] : [];
  const leftOut = LEFT_OUT.flatMap((name) => ["-x", `${base}/api/fn/${name}`]);
  const args = [
    "-u", `${base}/`, "-m", MODULES.join(","), ...signedIn, ...leftOut, "-H", `Origin: ${base}`,
    "--scope", "domain", "--flush-session", "--store-session", join(folder, who), "--tasks", "8", "-t", "30",
    "--max-scan-time", `${CRAWL_SECONDS}`, "--max-attack-time", `${MODULE_SECONDS}`, "--max-files-per-dir", "40",
    "--no-bugreport", "-v", "0", "-f", "json", "-o", report,
  ];
  const running = spawn(wapiti, args, { stdio: ["ignore", "ignore", "inherit"] });
  const [status] = await once(running, "exit");
  if (status !== 0) throw new Error(`wapiti ended with ${status}`);
  const found = JSON.parse(readFileSync(report, "utf8"));
  const lines = (kind) =>
    Object.entries(found[kind]).flatMap(([name, all]) => all.map((one) => `${name}: ${one.method} ${one.path}: ${one.info}`));
  const worse = [...lines("vulnerabilities"), ...lines("anomalies")];
  console.log(`${who}: ${found.infos.crawled_pages_nbr} pages, ${worse.length} findings, ${lines("additionals").length} for information`);
  for (const line of worse) console.log(`  ${line}`);
  if (found.infos.crawled_pages_nbr < 5 && cookie) throw new Error(`${who}: wapiti saw almost nothing`);
  return worse;
}

// Without limits: wapiti takes every status from 500 on for a fault, a 503 with Retry-After as well.
const { base, stop } = await startDemo(program, folder, ["--no-limits", "--data-dir", join(folder, "data")], {
  PORTAL_REQUESTS_PER_SECOND: "0",
});
try {
  for (const { who, role, inTeam } of PEOPLE) {
    const named = ["--email", emailOf(who)];
    portal("user", "add", ...named, "--name", `The ${who}`, "--role", role, "--password-stdin");
    if (inTeam) portal("member", "add", ...named, "--team", TEAM, "--role", inTeam);
  }
  const found = isChosen("stranger") ? await scan(base, "stranger") : [];
  for (const { who } of PEOPLE.filter((person) => isChosen(person.who))) {
    const cookie = await signIn(base, emailOf(who), PASSWORD);
    found.push(...(await scan(base, who, cookie)));
    const page = await fetch(`${base}/account`, { headers: { cookie }, redirect: "manual" });
    if (page.status !== 200) throw new Error(`${who}: the session ended during the scan`);
  }
  if (found.length > 0) process.exitCode = 1;
} finally {
  stop();
}

// Starts the demo behind a TLS proxy, and scores its answers with Mozilla's HTTP Observatory: as somebody without a
// session, and as somebody who has just signed in. score.sh makes the certificate and installs the scorer.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";

import { ALL_TESTS } from "@mdn/mdn-http-observatory/src/constants.js";
import { MINIMUM_SCORE_FOR_EXTRA_CREDIT } from "@mdn/mdn-http-observatory/src/grader/charts.js";
import { getScoreModifier } from "@mdn/mdn-http-observatory/src/grader/grader.js";
import { retrieve } from "@mdn/mdn-http-observatory/src/retriever/retriever.js";

const [program, folder] = process.argv.slice(2);
const HOST = "localhost";
/** The best that is possible without being in the browsers' list of hosts under https. The page of a person sets a cookie. */
const LEAST = { person: 140, stranger: 135 };

/** Listens on a free port of the loopback address. */
async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

async function freePort() {
  const server = http.createServer();
  const port = await listen(server);
  server.close();
  return port;
}

const portalPort = await freePort();
const tls = { key: readFileSync(join(folder, "key.pem")), cert: readFileSync(join(folder, "certificate.pem")) };
const front = https.createServer(tls, (asked, answer) => {
  const { method, url: path, headers } = asked;
  const passedOn = http.request({ host: "127.0.0.1", port: portalPort, method, path, headers }, (answered) => {
    answer.writeHead(answered.statusCode, answered.rawHeaders);
    answered.pipe(answer);
  });
  passedOn.on("error", () => answer.writeHead(502).end());
  asked.pipe(passedOn);
});
const httpsPort = await listen(front);
const base = `https://${HOST}:${httpsPort}`;
const plain = http.createServer((asked, answer) => answer.writeHead(301, { location: base + asked.url }).end());
const httpPort = await listen(plain);

/** Starts the demo. Returns the process, and the e-mail and password that it prints. */
async function startDemo() {
  const demo = spawn(program, ["demo", "--connections", "20", "--connectors", "5"], {
    env: { ...process.env, PORTAL_ADDR: `127.0.0.1:${portalPort}`, PORTAL_PUBLIC_URL: base, PORTAL_LOG: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  demo.stdout.setEncoding("utf8");
  let printed = "";
  for await (const part of demo.stdout) {
    printed += part;
    const [, email, password] = /Email +(\S+)\s+Password +(\S+)/.exec(printed) ?? [];
    if (password && printed.includes("Partner Portal on")) {
      demo.stdout.resume();
      return { demo, email, password };
    }
  }
  throw new Error(`the demo ended: ${printed}`);
}

/** The cookie of a new session. */
async function signIn(email, password) {
  const answer = await fetch(`${base}/api/fn/sign_in`, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ email, password }),
  });
  const session = answer.headers.getSetCookie().find((cookie) => cookie.startsWith("__Host-portal="));
  if (answer.status !== 303 || !session) throw new Error(`cannot sign in: ${answer.status}`);
  return session.split(";")[0];
}

/** Scores the site as the Observatory's `scan` does, which takes neither ports nor headers. */
async function score(who, headers) {
  const accept = "Accept: text/html,application/xhtml+xml";
  const found = await retrieve(HOST, { httpPort, httpsPort, headers: [accept, ...headers] });
  if (found.responses.auto?.status !== 200) throw new Error(`${who}: the page is ${found.responses.auto?.status}`);
  const results = ALL_TESTS.map((test) => test(found)).filter((result) => result.result);
  const modifiers = results.map((result) => [getScoreModifier(result.result), result.result]);
  const sum = (part) => part.reduce((total, [modifier]) => total + modifier, 100);
  const without = sum(modifiers.filter(([modifier]) => modifier < 0));
  const total = without >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? sum(modifiers) : without;
  console.log(`${who}: ${total}`);
  for (const [modifier, result] of modifiers) console.log(`  ${String(modifier).padStart(4)}  ${result}`);
  return total;
}

const { demo, email, password } = await startDemo();
try {
  const session = await signIn(email, password);
  const scores = { stranger: await score("stranger", []), person: await score("person", [`Cookie: ${session}`]) };
  for (const [who, least] of Object.entries(LEAST)) {
    if (scores[who] < least) {
      console.error(`The Observatory gives ${scores[who]} for a ${who}, less than ${least}.`);
      process.exitCode = 1;
    }
  }
} finally {
  demo.kill("SIGTERM");
  front.closeAllConnections();
  front.close();
  plain.close();
}

// Starts the demo behind a TLS proxy, and scores its answers with Mozilla's HTTP Observatory: as somebody without a
// session, and as somebody who has just signed in. score.sh makes the certificate and installs the scorer.

import http from "node:http";

import { ALL_TESTS } from "@mdn/mdn-http-observatory/src/constants.js";
import { MINIMUM_SCORE_FOR_EXTRA_CREDIT } from "@mdn/mdn-http-observatory/src/grader/charts.js";
import { getScoreModifier } from "@mdn/mdn-http-observatory/src/grader/grader.js";
import { retrieve } from "@mdn/mdn-http-observatory/src/retriever/retriever.js";

import { HOST, listen, signIn, startDemo } from "../https-demo.mjs";

const [program, folder] = process.argv.slice(2);
/** The best that is possible without being in the browsers' list of hosts under https. The page of a person sets a cookie. */
const LEAST = { person: 140, stranger: 135 };

const { base, httpsPort, email, password, stop } = await startDemo(program, folder);
const plain = http.createServer((asked, answer) => answer.writeHead(301, { location: base + asked.url }).end());
const httpPort = await listen(plain);

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

try {
  const session = await signIn(base, email, password);
  const scores = { stranger: await score("stranger", []), person: await score("person", [`Cookie: ${session}`]) };
  for (const [who, least] of Object.entries(LEAST)) {
    if (scores[who] < least) {
      console.error(`The Observatory gives ${scores[who]} for a ${who}, less than ${least}.`);
      process.exitCode = 1;
    }
  }
} finally {
  stop();
  plain.close();
}

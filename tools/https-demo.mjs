// The demo under an https public URL: it serves plain http on loopback, and a small TLS proxy stands before it. For tools
// that look at a portal from outside.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";

export const HOST = "localhost";

/** Listens on a free port of the loopback address. */
export async function listen(server) {
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

/** Starts the demo with these arguments and settings. Returns its address, and the e-mail and password that it prints. */
export async function startDemo(program, folder, args = [], settings = {}) {
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
  const demo = spawn(program, ["demo", "--connections", "20", "--connectors", "5", ...args], {
    env: {
      ...process.env,
      PORTAL_ADDR: `127.0.0.1:${portalPort}`,
      PORTAL_PUBLIC_URL: base,
      PORTAL_LOG: "error",
      ...settings,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = () => {
    demo.kill("SIGTERM");
    front.closeAllConnections();
    front.close();
  };
  demo.stdout.setEncoding("utf8");
  let printed = "";
  for await (const part of demo.stdout) {
    printed += part;
    const [, email, password] = /Email +(\S+)\s+Password +(\S+)/.exec(printed) ?? [];
    if (password && printed.includes("Partner Portal on")) {
      demo.stdout.resume();
      return { base, httpsPort, email, password, stop };
    }
  }
  stop();
  throw new Error(`the demo ended: ${printed}`);
}

/** The cookie of a new session. */
export async function signIn(base, email, password) {
  const answer = await fetch(`${base}/api/fn/sign_in`, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ email, password }),
  });
  const session = answer.headers.getSetCookie().find((cookie) => cookie.startsWith("__Host-portal="));
  if (answer.status !== 303 || !session) throw new Error(`cannot sign in: ${answer.status}`);
  return session.split(";")[0];
}

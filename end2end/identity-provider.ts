// The identity provider that people of a test sign in with: identity-provider.mjs as a process, on a free port.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import type { Environment } from "./program";

const SECRET = "known to the portal and to the provider";

/** What the provider says of somebody. */
export interface Identity {
  /** The provider's own id, which people type to sign in. */
  sub: string;
  email: string;
  email_verified: boolean;
  name: string;
  groups: string[];
  /** How they sign in there. */
  amr?: string[];
}

export class IdentityProvider {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(): Promise<IdentityProvider> {
    const folder = await mkdtemp(join(tmpdir(), "identity-provider-"));
    await writeFile(join(folder, "secret"), SECRET, { mode: 0o600 });
    const program = resolve(import.meta.dirname, "identity-provider.mjs");
    const started = spawn(process.execPath, [program], { env: { ...process.env, SECRET }, stdio: ["ignore", "pipe", "pipe"] });
    // It warns that it is not fit for production.
    let complaints = "";
    started.stderr.on("data", (chunk) => (complaints += chunk));
    process.once("exit", () => started.kill("SIGKILL"));
    for await (const line of createInterface({ input: started.stdout })) {
      const url = /^Identity provider on (.+)$/.exec(line)?.[1];
      if (url) return new IdentityProvider(url, started, folder);
    }
    throw new Error(`the identity provider ended with ${started.exitCode}:\n${complaints}`);
  }

  /** The portal's settings for this provider. */
  settings(settings: Environment): Environment {
    return {
      PORTAL_OIDC_ISSUER: this.url,
      PORTAL_OIDC_CLIENT_ID: "portal",
      PORTAL_OIDC_CLIENT_SECRET_FILE: join(this.folder, "secret"),
      PORTAL_OIDC_NAME: "Example ID",
      PORTAL_OIDC_SCOPES: "email,profile,groups",
      PORTAL_OIDC_CREATE_PEOPLE: "yes",
      ...settings,
    };
  }

  /** Adds somebody, or changes what the provider says of them. */
  async knows(identity: Identity): Promise<void> {
    const answer = await fetch(`${this.url}/people`, { method: "POST", body: JSON.stringify(identity) });
    if (!answer.ok) throw new Error(`the identity provider answered ${answer.status}`);
  }

  async stop(): Promise<void> {
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

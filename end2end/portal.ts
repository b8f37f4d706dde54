// The portal under test: the real server on a data folder of its own, and its command line.
// Knows nothing about single pages.

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run, Server, type Environment } from "./program";
import type { Sandbox, Workspace } from "./sandbox";

export type Role = "operator" | "viewer" | "auditor" | "admin";

export interface Person {
  email: string;
  name: string;
  password: string;
}

/** One person for each role. The operator and the viewer are members of each team that a test sets up. */
export const PEOPLE: Record<Role, Person> = {
  operator: { email: "olga@example.com", name: "Olga Operator", password: "olga shares on mondays" },
  viewer: { email: "vito@example.com", name: "Vito Viewer", password: "vito only ever looks" },
  auditor: { email: "aude@example.com", name: "Aude Auditor", password: "aude reads every line" },
  admin: { email: "adam@example.com", name: "Adam Admin", password: "adam sets up the teams" },
};

export interface Team {
  slug: string;
  name: string;
  /** The workspace that the team's token belongs to. */
  workato: Workspace;
}

export interface Start {
  /** The folder of a stopped portal to start with a copy of. Without it, the portal starts empty. */
  copyOf?: string;
  /** Base URL of the sandbox, which the portal allows besides Workato's data centres. */
  workatoUrl?: string;
  settings?: Environment;
}

export class Portal {
  private teams = 0;
  /** Kept, since the file is removed once the link was used. */
  private link?: string;

  private constructor(
    readonly url: string,
    readonly folder: string,
    private server: Server,
    private readonly environment: Environment,
  ) {}

  static async start({ copyOf, workatoUrl, settings }: Start = {}): Promise<Portal> {
    const folder = await mkdtemp(join(tmpdir(), "portal-end2end-"));
    const key = join(folder, "portal.key");
    if (copyOf) await cp(copyOf, folder, { recursive: true });
    else await writeFile(key, await run(["keygen"]), { mode: 0o600 });
    const environment = {
      PORTAL_ADDR: "127.0.0.1:0",
      PORTAL_DATA_DIR: join(folder, "data"),
      PORTAL_MASTER_KEY_FILE: key,
      PORTAL_SECOND_FACTOR: "optional", // most tests sign in with a password alone
      ...(workatoUrl ? { PORTAL_WORKATO_HOSTS: workatoUrl } : {}),
      ...settings,
    };
    const server = await Server.start(["serve"], environment, /Partner Portal on/);
    return new Portal(server.said(/Partner Portal on (\S+)/), folder, server, environment);
  }

  /** The link that the first admin sets the portal up with. */
  async setupLink(): Promise<string> {
    return (this.link ??= (await readFile(this.server.said(/open the link in the file (.+)/), "utf8")).trim());
  }

  async addPeople(): Promise<void> {
    const roles: [Role, string][] = [
      ["operator", "member"],
      ["viewer", "member"],
      ["auditor", "auditor"],
      ["admin", "admin"],
    ];
    for (const [who, role] of roles) {
      const { email, name, password } = PEOPLE[who];
      const person = ["--email", email, "--name", name, "--role", role];
      await run(["user", "add", ...person, "--password-stdin"], this.environment, password);
    }
  }

  /** Sets up a team with the sandbox's next workspace, and makes the operator and the viewer its members. */
  async addTeam(sandbox: Sandbox, { production = false, name = `Team ${++this.teams}` } = {}): Promise<Team> {
    const slug = name.toLowerCase().replaceAll(" ", "-");
    const team = { slug, name, workato: sandbox.takeWorkspace() };
    const options = ["--slug", slug, "--name", name, "--workato-url", sandbox.url];
    if (production) options.push("--production");
    await run(["team", "add", ...options, "--token-stdin"], this.environment, team.workato.token);
    for (const role of ["operator", "viewer"] as const) await this.setMember(slug, role, role);
    return team;
  }

  async setMember(slug: string, who: Role, role: "operator" | "viewer"): Promise<void> {
    const member = ["--team", slug, "--email", PEOPLE[who].email, "--role", role];
    await run(["member", "add", ...member], this.environment);
  }

  /** A one-time link of the command line for a person who has lost every second factor. */
  async recoveryLink(email: string): Promise<string> {
    const printed = await run(["user", "recover", email, "--public-url", this.url], this.environment);
    const file = /open the link in the file (.+)/.exec(printed)![1]!;
    return (await readFile(file, "utf8")).trim();
  }

  /** Releases a person's one-time link in place of a second admin. */
  async releaseLink(email: string): Promise<void> {
    await run(["user", "release-link", "--email", email], this.environment);
  }

  /** The audit log's public key, which an outsider needs to verify evidence. */
  async publicKey(): Promise<string> {
    return (await run(["audit", "public-key"], this.environment)).trim();
  }

  /** Shuts the server down and starts it again at the same address. */
  async restart(): Promise<void> {
    await this.server.stop();
    const environment = { ...this.environment, PORTAL_ADDR: `127.0.0.1:${new URL(this.url).port}` };
    this.server = await Server.start(["serve"], environment, /Partner Portal on/);
  }

  /** Shuts the server down and keeps its folder. */
  stop(): Promise<void> {
    return this.server.stop();
  }

  /** Ends the server at once and removes its folder. */
  async discard(): Promise<void> {
    await this.server.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Verifies an evidence bundle as an outsider without a portal does; returns what the command prints. */
export function verifyBundle(file: string, key: string): Promise<string> {
  return run(["audit", "verify", "--bundle", file, "--key", key]);
}

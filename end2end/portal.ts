// The portal under test: the real server on a folder of its own, and the command line beside it.
// Knows nothing of single pages.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
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

/** One of each kind. Operator and viewer are members, of whatever team a test sets up. */
export const PEOPLE: Record<Role, Person> = {
  operator: { email: "olga@example.com", name: "Olga Operator", password: "olga shares on mondays" },
  viewer: { email: "vito@example.com", name: "Vito Viewer", password: "vito only ever looks" },
  auditor: { email: "aude@example.com", name: "Aude Auditor", password: "aude reads every line" },
  admin: { email: "adam@example.com", name: "Adam Admin", password: "adam sets up the teams" },
};

export interface Team {
  slug: string;
  name: string;
  /** The workspace that its token opens. */
  workato: Workspace;
}

export class Portal {
  private teams = 0;

  private constructor(
    readonly url: string,
    readonly workato: Sandbox,
    private readonly server: Server,
    private readonly folder: string,
    private readonly environment: Environment,
  ) {}

  /** Starts one in which there is nobody and nothing. */
  static async start(workato: Sandbox, settings: Environment = {}): Promise<Portal> {
    const folder = await mkdtemp(join(tmpdir(), "portal-end2end-"));
    const key = join(folder, "portal.key");
    await writeFile(key, await run(["keygen"]), { mode: 0o600 });
    const environment = {
      PORTAL_ADDR: "127.0.0.1:0",
      PORTAL_DATA_DIR: join(folder, "data"),
      PORTAL_MASTER_KEY_FILE: key,
      PORTAL_WORKATO_HOSTS: workato.url,
      ...settings,
    };
    const server = await Server.start(["serve"], environment, /Partner Portal on/);
    return new Portal(server.said(/Partner Portal on (\S+)/), workato, server, folder, environment);
  }

  /** The link by which the first admin comes in. */
  setupLink(): string {
    return this.server.said(/Open (\S+\/setup\?secret=\S+)/);
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

  /** Sets up a team with a workspace of its own, and makes operator and viewer its members. */
  async addTeam({ production = false, name = `Team ${++this.teams}` } = {}): Promise<Team> {
    const slug = name.toLowerCase().replaceAll(" ", "-");
    const team = { slug, name, workato: this.workato.takeWorkspace() };
    const options = ["--slug", slug, "--name", name, "--workato-url", this.workato.url];
    if (production) options.push("--production");
    await run(["team", "add", ...options, "--token-stdin"], this.environment, team.workato.token);
    for (const role of ["operator", "viewer"] as const) await this.setMember(team, role, role);
    return team;
  }

  async setMember(team: Team, who: Role, role: "operator" | "viewer"): Promise<void> {
    const member = ["--team", team.slug, "--email", PEOPLE[who].email, "--role", role];
    await run(["member", "add", ...member], this.environment);
  }

  /** The audit log's public key, as somebody else is given it. */
  async publicKey(): Promise<string> {
    return (await run(["audit", "public-key"], this.environment)).trim();
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Checks a file of evidence on the command line of somebody who has no portal; gives what that says. */
export function verifyBundle(file: string, key: string): Promise<string> {
  return run(["audit", "verify", "--bundle", file, "--key", key]);
}

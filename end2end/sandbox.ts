// The sandbox that stands in for Workato. Through its control API, tests read what is in a workspace and change it as
// other people would, outside the portal.

import { Server } from "./program";

export interface Connection {
  id: number;
  name: string | null;
  application: string;
  authorization_status: string | null;
  authorized_at: string | null;
  external_id: string | null;
  parent_id: number | null;
  folder_id: number;
  tags: string[] | null;
  updated_at: string;
}

export interface Connector {
  id: number;
  title: string;
  code: string;
  shared: { version: number } | null;
  /** Versions, drafts included. */
  versions: { version: number; released_at: string | null }[];
}

export interface Recipe {
  id: number;
  active: boolean;
  connection_ids: number[];
  connector_ids: number[];
  /** Ids of the customers that the recipe is shared with. */
  shared_with: number[];
}

export interface Customer {
  id: number;
  name: string;
  external_id: string | null;
  /** Whether the token may read the customer's workspace. */
  has_access: boolean;
  recipes: Recipe[];
}

/** A workspace in full, including what no documented call returns. */
export interface Inside {
  id: number;
  name: string;
  /** Home, which is not in the list of folders. */
  root_folder_id: number;
  audit_log_destination: number | null;
  recipes: Recipe[];
  connectors: Connector[];
  customers: Customer[];
}

/** A change that was made through the API. */
export interface Mutation {
  workspace: number;
  action: string;
  targets: { type: string; id: string; name: string | null }[];
  parameters: Record<string, unknown>;
}

export type Alteration = { do: string } & Record<string, unknown>;

export interface Size {
  workspaces: number;
  /** Connections in each workspace. */
  connections: number;
}

export class Sandbox {
  private taken = 0;

  private constructor(
    readonly url: string,
    private readonly server: Server,
    private readonly size: Size,
  ) {}

  /** Starts a sandbox on a free port. The same seed gives the same data; only its dates depend on the clock. */
  static async start(size: Size, seed: number): Promise<Sandbox> {
    const tokens = Array.from({ length: size.workspaces }, (_, number) => ["--token", token(number)]);
    const data = ["--seed", String(seed), "--connections", String(size.connections)];
    const args = ["sandbox", "--addr", "127.0.0.1:0", "--no-limits", "--oddities", ...data, ...tokens.flat()];
    const server = await Server.start(args, {}, /rate limits/);
    return new Sandbox(server.said(/sandbox on (\S+)/), server, size);
  }

  /** The next workspace that is not in use. */
  takeWorkspace(): Workspace {
    if (this.taken === this.size.workspaces) throw new Error("The sandbox has no workspace left: start it with more.");
    return new Workspace(this, this.taken++);
  }

  /** Makes calls fail from now on. The README of the sandbox describes faults such as `GET /api/connections: 500`. */
  async misbehave(fault: string): Promise<void> {
    await this.control(`faults/${encodeURIComponent(fault)}`, { method: "PUT", body: fault });
  }

  async behave(): Promise<void> {
    await this.control("faults", { method: "DELETE" });
  }

  async control(path: string, request: RequestInit = {}): Promise<unknown> {
    return answered(await fetch(`${this.url}/sandbox/${path}`, request));
  }

  stop(): Promise<void> {
    return this.server.kill();
  }
}

/** One workspace of the sandbox, with its API token. */
export class Workspace {
  readonly token: string;

  constructor(
    readonly sandbox: Sandbox,
    private readonly number: number,
  ) {
    this.token = token(number);
  }

  async inside(): Promise<Inside> {
    return (await this.sandbox.control(`workspaces/${this.number}`)) as Inside;
  }

  /** Changes something outside the portal. */
  async alter(alteration: Alteration): Promise<void> {
    await this.sandbox.control(`workspaces/${this.number}/alterations`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(alteration),
    });
  }

  /** Changes made through the API, oldest first. */
  async mutations(): Promise<Mutation[]> {
    const [{ id }, ledger] = await Promise.all([this.inside(), this.sandbox.control("ledger")]);
    return (ledger as Mutation[]).filter((mutation) => mutation.workspace === id);
  }

  /** The same as text, such as "connector.share 3068". */
  async carriedOut(): Promise<string[]> {
    return (await this.mutations()).map((mutation) => `${mutation.action} ${mutation.targets[0]?.id}`);
  }

  /** Lists connections with their tags through the documented call, to compare pages with. */
  async connections(query: Record<string, string> = {}): Promise<Connection[]> {
    const parameters = new URLSearchParams({ ...query, "includes[]": "tags" });
    const headers = { authorization: `Bearer ${this.token}` };
    return (await answered(await fetch(`${this.sandbox.url}/api/connections?${parameters}`, { headers }))) as Connection[];
  }

  /** Limits the token to these privileges. */
  async restrict(privileges: string[]): Promise<void> {
    await this.sandbox.control(`tokens/${this.token}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ workspace: this.number, privileges }),
    });
  }
}

function token(number: number): string {
  return `end2end-token-${number}`;
}

async function answered(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

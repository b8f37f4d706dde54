// Chooses the connections that a test works with by the properties that the test needs. The sandbox holds names that are
// long, empty, padded or full of markup, and which connection comes first differs from test to test.

import type { Connection, Workspace } from "../sandbox";
import { inOneLine } from "./lists";

/** What an ordinary name consists of. */
const PLAIN = /^[\p{L}\p{N}][\p{L}\p{N} .&–()-]{3,79}$/u;

/** Connections outside Home with an ordinary name that is not part of another one. */
export async function plainConnections(workspace: Workspace): Promise<Connection[]> {
  const [all, { root_folder_id }] = await Promise.all([workspace.connections(), workspace.inside()]);
  const names = all.map((one) => inOneLine(one.name ?? "").toLowerCase());
  const isPlain = ({ name }: Connection) => name !== null && PLAIN.test(name) && name === inOneLine(name);
  const isUnique = ({ name }: Connection) => names.filter((other) => other.includes(name?.toLowerCase() ?? "")).length === 1;
  return all.filter((one) => isPlain(one) && isUnique(one) && one.folder_id !== root_folder_id);
}

/** Those of the plain connections that are authorised, and that neither recipes nor audit log streaming use. */
export async function unusedConnections(workspace: Workspace): Promise<Connection[]> {
  const { recipes, audit_log_destination } = await workspace.inside();
  const used = new Set(recipes.flatMap((recipe) => recipe.connection_ids).concat(audit_log_destination ?? 0));
  const plain = await plainConnections(workspace);
  return plain.filter((one) => one.authorization_status === "success" && !used.has(one.id));
}

/** Ends a test whose workspace lacks what it needs. */
export function missing(what: string): never {
  throw new Error(`The workspace has no such thing: ${what}`);
}

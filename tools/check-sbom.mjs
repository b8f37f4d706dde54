// Checks that a bill of materials lists every direct dependency of a crate, in the version of Cargo.lock, and names a
// licence and a hash or an address for each. Usage: check-sbom.mjs CRATE FILE

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const [crate, file] = process.argv.slice(2);
const bill = JSON.parse(readFileSync(file, "utf8"));
const metadata = JSON.parse(
  execFileSync("cargo", ["metadata", "--locked", "--format-version", "1"], { encoding: "utf8", maxBuffer: 1 << 28 }),
);

const faults = [];
if (bill.bomFormat !== "CycloneDX") faults.push(`its format is ${bill.bomFormat}`);
const listed = new Map((bill.components ?? []).map((component) => [`${component.name}@${component.version}`, component]));
const node = metadata.resolve.nodes.find((node) => metadata.packages.find((it) => it.id === node.id).name === crate);
const isNormal = (dependency) => dependency.dep_kinds.some(({ kind, target }) => kind === null && !target?.includes("windows"));
const direct = node.deps.filter(isNormal).map(({ pkg }) => metadata.packages.find((it) => it.id === pkg));
for (const { name, version, source } of direct) {
  const component = listed.get(`${name}@${version}`);
  if (!component) faults.push(`${name} ${version} is missing`);
  // The crates of this repository come from nowhere else.
  else if (source && !component.purl) faults.push(`${name} ${version} has no address`);
  else if (source && !component.licenses?.length) faults.push(`${name} ${version} has no licence`);
}
if (JSON.stringify(bill).includes(process.cwd())) faults.push("it says where it was made");
if (direct.length < 3) faults.push(`${crate} has only ${direct.length} direct dependencies`);

if (faults.length > 0) {
  console.error(`check-sbom: ${file}: ${faults.join("; ")}`);
  process.exit(1);
}
console.log(`check-sbom: ${file} lists the ${direct.length} direct dependencies of ${crate}, and ${listed.size} crates in all`);

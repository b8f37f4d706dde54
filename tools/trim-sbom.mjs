// Leaves in a bill of materials what is built into a crate for a target: cargo-cyclonedx lists what the features of the
// whole workspace would bring. Also takes out where this checkout is. Usage: trim-sbom.mjs CRATE TARGET FILE

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const [crate, target, file] = process.argv.slice(2);
const tree = execFileSync(
  "cargo",
  ["tree", "--locked", "-p", crate, "--target", target, "-e", "normal,build", "--prefix", "none", "--format", "{p}"],
  { encoding: "utf8", maxBuffer: 1 << 28 },
);
const built = new Set([...tree.matchAll(/^(\S+) v(\S+)/gm)].map(([, name, version]) => `${name}@${version}`));

const text = readFileSync(file, "utf8").replaceAll(`path+file://${process.cwd()}`, "path+file:///partner-portal");
const bill = JSON.parse(text.replaceAll(process.cwd(), "/partner-portal"));
bill.components = bill.components.filter(({ name, version }) => built.has(`${name}@${version}`));
const kept = new Set([bill.metadata.component["bom-ref"], ...bill.components.map((component) => component["bom-ref"])]);
bill.dependencies = bill.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) }));
writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`);

// The rows, read once from the folder that BENCH_ROWS names.
import { readFileSync } from "node:fs";

let rows;

export function read() {
  return (rows ??= JSON.parse(readFileSync(`${process.env.BENCH_ROWS}/rows.json`, "utf8")));
}

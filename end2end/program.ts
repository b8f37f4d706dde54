// The program under test: commands that end, and servers that run until they are stopped.
// What the commands and servers are about is portal.ts's and sandbox.ts's matter.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const BINARY = resolve(import.meta.dirname, process.env.PORTAL_BINARY ?? "../target/release/partner-portal");

export type Environment = Record<string, string>;

/** Runs a command to its end and gives what it printed. `input` is its standard input: secrets go this way. */
export async function run(args: string[], environment: Environment = {}, input = ""): Promise<string> {
  const program = spawn(BINARY, args, { env: clean(environment), stdio: "pipe" });
  const printed = { out: "", err: "" };
  program.stdout.on("data", (chunk) => (printed.out += chunk));
  program.stderr.on("data", (chunk) => (printed.err += chunk));
  // A program that reads nothing may have ended already.
  program.stdin.on("error", () => {});
  program.stdin.end(input);
  const [code] = await once(program, "close");
  if (code !== 0) throw new Error(`partner-portal ${args.join(" ")} ended with ${code}:\n${printed.err}`);
  return printed.out;
}

/** A server that was started and says that it is ready. */
export class Server {
  /** What it has printed so far, a line each. */
  readonly printed: string[] = [];

  private constructor(
    private readonly process: ChildProcess,
    private readonly name: string,
  ) {}

  /** Starts one and waits until it has printed a line that matches `ready`. */
  static async start(args: string[], environment: Environment, ready: RegExp): Promise<Server> {
    const process = spawn(BINARY, args, { env: clean(environment), stdio: ["ignore", "pipe", "pipe"] });
    const server = new Server(process, `partner-portal ${args[0]}`);
    const lines = [process.stdout, process.stderr].map((stream) => createInterface({ input: stream }));
    await new Promise<void>((ready_, failed) => {
      for (const line of lines) {
        line.on("line", (text) => {
          server.printed.push(text);
          if (ready.test(text)) ready_();
        });
      }
      process.once("error", failed);
      process.once("exit", (code) => failed(new Error(`${server.name} ended with ${code}:\n${server.printed.join("\n")}`)));
    });
    return server;
  }

  /** What `pattern` captures in the first printed line that it matches. */
  said(pattern: RegExp): string {
    const found = this.printed.map((line) => pattern.exec(line)?.[1]).find((text) => text !== undefined);
    if (found === undefined) throw new Error(`${this.name} did not say ${pattern}:\n${this.printed.join("\n")}`);
    return found;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGTERM");
    await ended;
  }
}

/** Settings of whoever runs the tests are not the tests' settings. */
function clean(environment: Environment): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("PORTAL_"));
  return { ...Object.fromEntries(inherited), ...environment };
}

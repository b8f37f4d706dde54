// Runs the program under test: commands that end, and servers that run until they are stopped.
// What is run, and with which arguments, is decided in portal.ts and sandbox.ts.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const BINARY = resolve(import.meta.dirname, process.env.PORTAL_BINARY ?? "../target/release/partner-portal");

export type Environment = Record<string, string>;

/** Servers that run. A test that fails halfway through its set-up does not get to stop them. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const server of running) server.kill("SIGKILL");
});

/** Runs a command to its end and returns what it printed. Secrets go through `input`, its standard input. */
export async function run(args: string[], environment: Environment = {}, input = ""): Promise<string> {
  const program = spawn(BINARY, args, { env: clean(environment), stdio: "pipe" });
  const printed = { out: "", err: "" };
  program.stdout.on("data", (chunk) => (printed.out += chunk));
  program.stderr.on("data", (chunk) => (printed.err += chunk));
  // A program that reads no input may already have ended.
  program.stdin.on("error", () => {});
  program.stdin.end(input);
  const [code] = await once(program, "close");
  if (code !== 0) throw new Error(`partner-portal ${args.join(" ")} exited with ${code}:\n${printed.err}`);
  return printed.out;
}

/** A running server that has reported that it is ready. */
export class Server {
  /** The lines it has printed so far. */
  readonly printed: string[] = [];

  private constructor(
    private readonly program: ChildProcess,
    private readonly name: string,
  ) {}

  /** Starts a server and waits until it has printed a line that matches `ready`. */
  static async start(args: string[], environment: Environment, ready: RegExp): Promise<Server> {
    const program = spawn(BINARY, args, { env: clean(environment), stdio: ["ignore", "pipe", "pipe"] });
    running.add(program);
    program.once("exit", () => running.delete(program));
    const server = new Server(program, `partner-portal ${args[0]}`);
    const lines = [program.stdout, program.stderr].map((stream) => createInterface({ input: stream }));
    await new Promise<void>((ready_, failed) => {
      for (const line of lines) {
        line.on("line", (text) => {
          server.printed.push(text);
          if (ready.test(text)) ready_();
        });
      }
      program.once("error", failed);
      program.once("exit", (code) => failed(new Error(`${server.name} exited with ${code}:\n${server.printed.join("\n")}`)));
    });
    return server;
  }

  /** What `pattern` captures in the first printed line that it matches. */
  said(pattern: RegExp): string {
    const found = this.printed.map((line) => pattern.exec(line)?.[1]).find((text) => text !== undefined);
    if (found === undefined) throw new Error(`${this.name} did not print ${pattern}:\n${this.printed.join("\n")}`);
    return found;
  }

  /** Lets the server finish what it is doing and close its files. */
  stop(): Promise<void> {
    return this.end("SIGTERM");
  }

  /** Ends the server at once, for when nothing it has written is needed again. */
  kill(): Promise<void> {
    return this.end("SIGKILL");
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.program.exitCode !== null || this.program.signalCode !== null) return;
    const ended = once(this.program, "exit");
    this.program.kill(signal);
    await ended;
  }
}

/** The environment without the portal settings of the person who runs the tests. */
function clean(environment: Environment): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("PORTAL_"));
  return { ...Object.fromEntries(inherited), ...environment };
}

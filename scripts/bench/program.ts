import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startModelServer } from "../../tests/kit/src/index.ts";
import type { Throwaway } from "./throwaway.ts";

const root = join(import.meta.dirname, "..", "..");

/** The Node that the program is measured on, and its bundle. */
export const node = process.execPath;
export const bundle = join(root, "apps", "tui", "dist", "bough.js");

type Answers = Extract<Parameters<typeof startModelServer>[0], readonly unknown[]>;

/** What one run of `bough -p` against a real HTTP server showed. */
export interface ProgramRun {
  /** Milliseconds from exec to the arrival of each request. */
  readonly arrivals: readonly number[];
  /** The most memory the process held before its last request, in MB; undefined where the system does not tell. */
  readonly peakMemory: number | undefined;
}

/** Runs one turn of the built program on a model that gives these answers. */
export async function runProgram(repository: Throwaway, model: string, answers: Answers): Promise<ProgramRun> {
  const arrivals: number[] = [];
  let started = 0;
  let pid: number | undefined;
  let peakMemory: number | undefined;
  await using server = await startModelServer(answers, {
    onRequest: () => {
      arrivals.push(performance.now() - started);
      if (arrivals.length === answers.length) peakMemory = readPeakMemory(pid);
    },
  });
  const provider = model.slice(0, model.indexOf("/"));
  const args = [bundle, "-p", "Write the files", "-m", model, "--base-url", baseUrl(server.url, provider)];
  const keys = { ANTHROPIC_API_KEY: "key", OPENAI_API_KEY: "key", GEMINI_API_KEY: "key" };
  started = performance.now();
  const child = spawn(node, args, {
    cwd: repository.path,
    env: { ...repository.env, ...keys },
    stdio: ["ignore", "ignore", "pipe"],
  });
  pid = child.pid;
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  await once(child, "close");
  if (child.exitCode !== 0) throw new Error(`bough ended with ${child.exitCode}: ${stderr}`);
  return { arrivals, peakMemory };
}

function baseUrl(url: string, provider: string): string {
  return provider === "openai" || provider === "openai-compatible" ? `${url}/v1` : url;
}

function readPeakMemory(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

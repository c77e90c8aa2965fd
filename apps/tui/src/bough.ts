#!/usr/bin/env node
// What runs first. It reads on any Node, so that an old one is told what it lacks; the rest loads after that.
import module from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

const [major = 0] = process.versions.node.split(".").map(Number);

if (major < 22) {
  process.stderr.write(`bough: Node 22 or later is needed, and this is ${process.versions.node}: https://nodejs.org\n`);
  process.exitCode = 2;
} else {
  // Not in the shared temporary folder, where Node keeps it by default: whoever writes the cache decides what runs.
  const caches = process.env.XDG_CACHE_HOME ?? "";
  module.enableCompileCache(join(isAbsolute(caches) ? caches : join(homedir(), ".cache"), "bough", "compile-cache"));
  // Node hides the signal that tells other programs that nobody reads on: a turn ends in order at it, the rest at once.
  process.stdout.on("error", (error) => {
    if (!isClosedPipe(error)) throw error;
    if (!process.emit("SIGPIPE", "SIGPIPE")) process.exit(0);
  });
  process.stderr.on("error", (error) => {
    if (!isClosedPipe(error)) throw error;
  });
  const { main, reportError } = await import("./main.ts");
  // Node would print it as it is, to a terminal too.
  process.on("uncaughtException", (error) => {
    reportError(error, process);
    process.exit(1);
  });
  process.exitCode = await main(process.argv.slice(2), process);
}

function isClosedPipe(error: Error): boolean {
  return "code" in error && error.code === "EPIPE";
}

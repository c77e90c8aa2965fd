import { Readable } from "node:stream";
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { exitCode } from "./exit-code.ts";
import { main } from "./main.ts";

/** Runs the program on streams that remember what was written. */
async function run(args: readonly string[]) {
  const written = { stdout: "", stderr: "" };
  const code = await main(args, {
    stdin: Object.assign(Readable.from([]), { isTTY: false }),
    stdout: { isTTY: false, write: (text) => (written.stdout += text) },
    stderr: { isTTY: false, write: (text) => (written.stderr += text) },
  });
  return { code, ...written };
}

test("--version prints the name and the version", async () => {
  expect(await run(["--version"])).toEqual({ code: 0, stdout: `bough ${manifest.version}\n`, stderr: "" });
});

test("--help prints the help on standard output", async () => {
  const { code, stdout, stderr } = await run(["--help"]);
  expect(code).toBe(exitCode.done);
  expect(stdout).toMatch(/^bough: a coding agent/);
  expect(stderr).toBe("");
});

test("a usage error is one message on standard error and exit code 2", async () => {
  expect(await run(["--nonsense"])).toEqual({
    code: 2,
    stdout: "",
    stderr: "bough: Unknown flag --nonsense. `bough --help` lists the flags.\n",
  });
});

test("what an error repeats of the command line cannot reach the terminal as a command", async () => {
  const { stderr } = await run(["\x1b]0;title\x07"]);
  expect(stderr).toMatch(String.raw`Unknown command "\x1b]0;title\x07".`);
});

test("bare bough without a terminal is one line and exit code 2", async () => {
  expect(await run([])).toEqual({
    code: 2,
    stdout: "",
    stderr: 'bough: There is no terminal here. Give a prompt: bough -p "<prompt>", or lines: bough --plain\n',
  });
});

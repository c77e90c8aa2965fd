import { SearchFailed } from "@bough/agent";
import { expect, test } from "vitest";
import { checkNode } from "./node.ts";
import { checkSandbox } from "./sandbox.ts";
import { checkSearch } from "./search.ts";
import { checkTerminal } from "./terminal.ts";

test("a Node with long support is ready, one between two of them is warned of", () => {
  expect(checkNode("24.1.0")).toEqual({ name: "node", state: "ready", message: "24.1.0" });
  expect(checkNode("23.4.0")).toMatchObject({ state: "warning", message: expect.stringContaining("Install Node 24") });
});

test("a sandbox is named; without one it is said why and how to get it; a weak one is warned of", async () => {
  const bubblewrap = { program: "/usr/bin/bwrap", disablesUserNamespaces: true };
  expect(await checkSandbox(async () => ({ kind: "bubblewrap", bubblewrap }))).toEqual({
    name: "sandbox",
    state: "ready",
    message: "bubblewrap (/usr/bin/bwrap)",
  });
  const message = "Commands run without a sandbox: bubblewrap is not installed. Get it with `apt`.";
  expect(await checkSandbox(async () => ({ kind: "none", reason: "not-installed", message }))).toMatchObject({
    state: "warning",
    message: `${message} Until then bough asks before each`,
  });
  const old = { ...bubblewrap, disablesUserNamespaces: false };
  expect(await checkSandbox(async () => ({ kind: "bubblewrap", bubblewrap: old }))).toMatchObject({
    state: "warning",
    message: expect.stringContaining("0.8 or later"),
  });
});

test("files can be searched, or it is said why not", async () => {
  expect(await checkSearch()).toMatchObject({ state: "ready", message: expect.stringMatching(/^ripgrep \d/) });
  const broken = () => Promise.reject(new SearchFailed("The packaged ripgrep is not installed. Install bough again."));
  expect(await checkSearch(broken)).toEqual({
    name: "search",
    state: "blocked",
    message: "The packaged ripgrep is not installed. Install bough again.",
  });
});

const utf8 = { LANG: "en_US.UTF-8", TERM: "xterm-256color" };
const terminal = { isTTY: true, columns: 100, write: () => true };

test.each([
  [{ ...terminal, isTTY: false }, {}, "ready", "none here"],
  [terminal, utf8, "ready", "xterm-256color, 100 characters wide"],
  [terminal, { ...utf8, TERM: "dumb" }, "warning", "export TERM="],
  [terminal, { TERM: "xterm", LANG: "C" }, "warning", "export LANG="],
  [terminal, { ...utf8, LC_ALL: "C" }, "warning", "export LANG="],
  [{ ...terminal, columns: 40 }, utf8, "warning", "40 characters wide"],
] as const)("a terminal %j with %j is %s", (output, env, state, message) => {
  expect(checkTerminal(output, env)).toMatchObject({ state, message: expect.stringContaining(message) });
});

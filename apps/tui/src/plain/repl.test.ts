import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { type Script, scriptedModel } from "@bough/models";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Repl } from "./repl.ts";

let repository: TemporaryRepository;

beforeEach(async () => {
  repository = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
});

afterEach(() => repository[Symbol.asyncDispose]());

const call = (name: string, input: Record<string, unknown>) =>
  ({ content: [{ type: "call", id: name, name, input }] }) as const;

/** A person at a terminal: what they see comes in the order in which it was written. */
function typing(script: Script, { isTTY = true } = {}) {
  let seen = "";
  let look = () => {};
  const write = (text: string | Uint8Array) => {
    seen += String(text);
    look();
  };
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const model = scriptedModel(script);
  const streams = { stdin, stdout: { isTTY: false, write }, stderr: { isTTY, write } };
  const ended = new Repl({ streams, prompt: undefined, agent: { cwd: repository.path, model } }).run();
  return {
    model,
    ended,
    seen: () => stripVTControlCharacters(seen).replace(/\b[0-9a-f]{9}\b/g, "#########"),
    type: (line: string) => stdin.write(`${line}\n`),
    end: () => stdin.end(),
    /** Resolves once the text was shown so often. */
    shown: (text: string, times = 1) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (seen.split(text).length > times) resolve();
        };
        look();
      }),
  };
}

test("a prompt is answered, and what is left behind is said at the end", async () => {
  const { type, end, ended, shown, seen } = typing([call("Write", { file_path: "b.txt", content: "b\n" }), "Done."]);
  await shown("new> ");
  type("add b");
  await shown("add-b> ");
  end();
  expect(await ended).toBe(0);
  // The commit may overlap with the answer.
  for (const line of ["new>   Write b.txt\n", "\nDone.\n", "\n  #########  Write b.txt\n"])
    expect(seen()).toContain(line);
  expect(seen()).toMatch(
    /\nadd-b> bough\/add-b: 1 file changed, 1 insertion\(\+\)\. Land it: bough land bough\/add-b\n$/,
  );
});

test("a line that ends with a backslash goes on in the next", async () => {
  const { type, end, ended, shown, model } = typing(["Hello."]);
  type("greet me \\");
  await shown("… ");
  type("nicely");
  await shown("Hello.");
  end();
  await ended;
  expect(model.requests[0]?.messages).toMatchObject([{ content: [{ type: "text", text: "greet me \nnicely" }] }]);
});

test("a question is a few lines, and only an answer to it allows anything", async () => {
  const { type, end, ended, shown, seen, model } = typing([
    call("Bash", { command: "curl example.com", network: true }),
    "As you like.",
  ]);
  type("fetch it");
  await shown("answer> ");
  expect(seen()).toContain("  curl example.com\n");
  type("and be quick");
  await shown("nothing was sent", 1);
  type("n use the cache instead");
  await shown("As you like.");
  end();
  await ended;
  expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain("use the cache instead");
  expect(seen()).toMatch(/denied .*use the cache instead/);
});

test("a script has nobody to ask, and its exit code is that of the last turn", async () => {
  const { type, end, ended, seen } = typing(
    [call("Bash", { command: "curl example.com", network: true }), "I may not.", new Error("The line is dead")],
    { isTTY: false },
  );
  type("fetch it");
  type("/errors");
  type("try again");
  end();
  expect(await ended).toBe(1);
  expect(seen()).toMatch(/I may not\.\n1 failure:\n {2}Bash denied: .*nobody is there to ask/);
  expect(seen()).toContain("The line is dead");
  expect(seen()).not.toContain("> ");
});

test("what happens in other tabs is told in a line, and going there tells the rest", async () => {
  const { type, end, ended, shown, seen } = typing([
    "One.",
    call("Bash", { command: "curl example.com", network: true }),
    "Fetched.",
  ]);
  type("first");
  await shown("first> ");
  type("/branch fetch it");
  await shown("answer> ");
  type("/tab 1");
  await shown("In first:");
  type("/tab");
  await shown("waiting");
  type("/tab 2");
  await shown("In first.1:", 2);
  type("n");
  await shown("Fetched.");
  end();
  await ended;
  expect(seen()).toContain("bough/first.1: no files changed. See it: bough log bough/first.1\n");
});

test("/exit leaves with the last tab, and a session in which nothing was said leaves nothing behind", async () => {
  const { type, ended, shown } = typing([]);
  type("!echo hi");
  await shown("hi\n");
  type("/exit");
  expect(await ended).toBe(0);
  expect(await repository.git("branch", "--list", "bough/*")).toBe("");
});

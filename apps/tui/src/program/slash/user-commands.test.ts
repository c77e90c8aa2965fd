import { scriptedModel } from "@bough/models";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Completer } from "../completer.ts";
import { Program } from "../program.ts";

let repository: TemporaryRepository;
beforeEach(async () => {
  const files = {
    "a.txt": "the file\n",
    ".bough/commands/review.md": "---\nargument-hint: <what>\n---\nLook closely at $ARGUMENTS, and @a.txt.\n",
    ".bough/commands/git/tidy.md": '---\ndescription: "\\e[2JTidy up"\n---\nTidy up.\n',
    ".bough/commands/land.md": "Never.\n",
  };
  repository = await temporaryRepository({ enter: true, files });
});
afterEach(() => repository[Symbol.asyncDispose]());

function open() {
  const model = scriptedModel(["Done.", "Done."]);
  const program = new Program({ agent: { cwd: repository.path, model }, onChange: () => {} });
  const type = (text: string) => program.submit(program.active, text);
  const answered = () => {
    const last = program.active.transcript.entries.findLast(({ entry }) => entry.type === "output")?.entry;
    return last?.type === "output" ? last.text : "";
  };
  return { program, model, type, answered };
}

test("a command of the user's sends the prompt that its file makes, on a branch named after what was typed", async () => {
  const { program, model, type } = open();
  await using _ = program;
  await type("/review the tests");
  const [prompt] = program.active.transcript.entries.flatMap(({ entry }) => (entry.type === "prompt" ? [entry] : []));
  expect(prompt?.text).toBe('Look closely at the tests, and @a.txt.\n\n<file path="a.txt">\nthe file\n</file>');
  expect(JSON.stringify(model.requests[0]?.messages)).toContain("Look closely at the tests");
  expect(program.active.name).toBe("review-tests");
});

test("it is listed and completed like any other, and its description obeys nothing", async () => {
  const { program, type, answered } = open();
  await using _ = program;
  await type("/help");
  expect(answered()).toMatch(/^\/review <what> +Look closely at/m);
  expect(answered()).not.toContain("\x1b");
  await type("/help git:tidy");
  expect(answered()).toContain("Tidy up");
  const found = await new Completer(program).complete(program.active, "/rev", 4);
  expect(found[0]?.text).toBe("review ");
  await type("/revew");
  expect(answered()).toBe("There is no command /revew. Did you mean /review?");
});

test("no file takes the place of a command of the program, and that is said", async () => {
  const { program, model, type, answered } = open();
  await using _ = program;
  await type("/land");
  expect(answered()).toContain("Nothing was asked in this tab yet");
  expect(model.requests).toHaveLength(0);
  await type("/help");
  expect(answered()).toContain("A command of yours is not used: /land is bough's own.");
});

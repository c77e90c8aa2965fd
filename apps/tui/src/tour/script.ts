import type { ScriptedReply } from "@bough/models";

/** What the tour's repository holds before the agent comes. */
export const files = {
  "README.md": "# titles\n\nTurns titles into addresses.\n",
  "package.json": `${JSON.stringify({ name: "titles", type: "module", scripts: { test: "node --test" } }, undefined, 2)}\n`,
};

/** One turn of the tour: what the person asks, and what the scripted model answers, reply by reply. */
export interface TourTurn {
  readonly prompt: string;
  readonly replies: readonly ScriptedReply[];
}

const firstVersion = `/** Turns a title into the last part of an address. */
export function slug(title) {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
`;

const tests = `import assert from "node:assert";
import { test } from "node:test";
import { slug } from "./slug.js";

test("words are joined by dashes", () => {
  assert.equal(slug("Hello, World!"), "hello-world");
});

test("letters keep their place without their accents", () => {
  assert.equal(slug("Crème Brûlée"), "creme-brulee");
});
`;

const lengthTest = `
test("a long title is cut between words", () => {
  assert.equal(slug("one two three four", 11), "one-two");
});
`;

const call = (id: string, name: string, input: Record<string, unknown>) => ({ type: "call" as const, id, name, input });
const say = (text: string) => ({ type: "text" as const, text });
const tokens = (input: number, output: number) => ({ input, output, cacheRead: Math.round(input * 0.8) });

/** The tour: an agent that builds something small, breaks it, and mends it. */
export const turns: readonly TourTurn[] = [
  {
    prompt: "Write slug(title) in slug.js, with tests. Accents should not get lost.",
    replies: [
      {
        content: [
          say("I write the function and its tests."),
          call("tour_1", "Write", { file_path: "slug.js", content: firstVersion }),
          call("tour_2", "Write", { file_path: "slug.test.js", content: tests }),
        ],
        usage: tokens(1204, 312),
      },
      { content: [say("Now the tests."), call("tour_3", "Bash", { command: "node --test" })], usage: tokens(1611, 41) },
      {
        content: [
          say("Accented letters are dropped: they have to be taken apart before the rest is replaced."),
          call("tour_4", "Edit", {
            file_path: "slug.js",
            old_string: "  return title\n    .toLowerCase()",
            new_string: '  return title\n    .normalize("NFD")\n    .replace(/\\p{Mark}/gu, "")\n    .toLowerCase()',
          }),
        ],
        usage: tokens(2390, 118),
      },
      { content: [say("Again."), call("tour_5", "Bash", { command: "node --test" })], usage: tokens(2571, 38) },
      {
        content: [
          say(
            "slug(title) is in slug.js, with two tests, and both pass. Accents are taken off: Crème Brûlée becomes creme-brulee.",
          ),
        ],
        usage: tokens(2804, 52),
      },
    ],
  },
  {
    prompt: "Let it cut long titles, but never inside a word.",
    replies: [
      {
        content: [
          say("I add a length to the function, and a test."),
          call("tour_6", "Edit", {
            file_path: "slug.js",
            edits: [
              {
                old_string: "export function slug(title) {\n  return title",
                new_string: "export function slug(title, length = 60) {\n  const whole = title",
              },
              {
                old_string: '    .replace(/^-|-$/g, "");',
                new_string:
                  '    .replace(/^-|-$/g, "");\n  if (whole.length <= length) return whole;\n  return whole.slice(0, whole.lastIndexOf("-", length)) || whole.slice(0, length);',
              },
            ],
          }),
          call("tour_7", "Edit", {
            file_path: "slug.test.js",
            old_string: '"creme-brulee");\n});\n',
            new_string: `"creme-brulee");\n});\n${lengthTest}`,
          }),
          call("tour_8", "Bash", { command: "node --test" }),
        ],
        usage: tokens(3120, 264),
      },
      {
        content: [
          say(
            "slug(title, length) now cuts before the last word that does not fit; 60 characters unless told. All three tests pass.",
          ),
        ],
        usage: tokens(3604, 47),
      },
    ],
  },
  {
    prompt: "Is there anything it still gets wrong?",
    replies: [
      {
        content: [
          say(
            "Yes: letters that are no accented Latin ones, as in Привет, are dropped, so such a title becomes empty. That needs a decision from you: keep them, or transliterate.",
          ),
        ],
        usage: tokens(3702, 58),
      },
    ],
  },
];

/** A line of the finished work whose origin the tour shows. */
export const blamedLine = { file: "slug.js", text: "\\p{Mark}" };

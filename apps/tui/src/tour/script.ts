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

const longTest = `
test("a long title is cut between words", () => {
  assert.equal(slug("one two three four", 11), "one-two");
});
`;

const call = (id: string, name: string, input: Record<string, unknown>) => ({ type: "call" as const, id, name, input });
const say = (text: string) => ({ type: "text" as const, text });
const tokens = (input: number, output: number) => ({ input, output, cacheRead: Math.round(input * 0.8) });

/** The tour begins with an agent that builds something small, breaks it, and mends it; then it is asked for more. */
export const turns: readonly TourTurn[] = [
  {
    prompt: "Write slug(title) in slug.js, with tests.",
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
          say("Accented letters are dropped: they have to be taken apart first."),
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
            "slug(title) is in slug.js, and both its tests pass.\nAccents are taken off: Crème Brûlée is creme-brulee.",
          ),
        ],
        usage: tokens(2804, 52),
      },
    ],
  },
  {
    prompt: "Let it cut long titles.",
    replies: [
      {
        content: [
          say("I cut what is too long."),
          call("tour_6", "Edit", {
            file_path: "slug.js",
            edits: [
              { old_string: "slug(title) {", new_string: "slug(title, length = 60) {" },
              { old_string: '"");\n}', new_string: '"")\n    .slice(0, length);\n}' },
            ],
          }),
          call("tour_7", "Bash", { command: "node --test" }),
        ],
        usage: tokens(3120, 164),
      },
      {
        content: [say("slug(title, length) cuts after 60 characters, or where it is told.")],
        usage: tokens(3404, 47),
      },
    ],
  },
];

/** The prompt before which the tour forks, and the turn that is asked for instead. */
export const fork: TourTurn & { readonly before: number } = {
  before: 2,
  prompt: "Let it cut long titles, but never inside a word.",
  replies: [
    {
      content: [
        say("I cut at the last dash that fits, and add a test."),
        call("tour_8", "Edit", {
          file_path: "slug.js",
          edits: [
            {
              old_string: "slug(title) {\n  return title",
              new_string: "slug(title, length = 60) {\n  const whole = title",
            },
            {
              old_string: '"");\n}',
              new_string:
                '"");\n  if (whole.length <= length) return whole;\n  return whole.slice(0, whole.lastIndexOf("-", length));\n}',
            },
          ],
        }),
        call("tour_9", "Edit", {
          file_path: "slug.test.js",
          old_string: '"creme-brulee");\n});\n',
          new_string: `"creme-brulee");\n});\n${longTest}`,
        }),
        call("tour_10", "Bash", { command: "node --test" }),
      ],
      usage: tokens(3128, 264),
    },
    {
      content: [say("slug(title, length) cuts before the first word that does not fit.")],
      usage: tokens(3612, 47),
    },
  ],
};

/** What the person does to their own files meanwhile. */
export const ownEdit = { file: "README.md", text: `${files["README.md"]}\nNot ready yet.\n` };

/** A line of the landed work whose origin the tour asks for. */
export const askedLine = { file: "slug.js", text: "lastIndexOf" };

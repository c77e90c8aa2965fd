import type { Block, Transcript } from "@bough/gitstate";
import { expect, test } from "vitest";
import { transcriptJson } from "./transcript-json.ts";
import { transcriptMarkdown } from "./transcript-markdown.ts";

const one = "0123456789abcdef0123456789abcdef01234567";
const two = "89abcdef0123456789abcdef0123456789abcdef";
const known = { model: "test/one", usage: { input: 5120, output: 311, cacheRead: 0, cacheWrite: 0 }, cost: 0.0062 };
const unknown = { model: undefined, usage: undefined, cost: undefined };
const date = new Date("2026-01-02T12:00:00Z");

const transcript: Transcript = {
  session: "01jd3x",
  branch: "bough/use-httpx",
  tip: two,
  base: "fedcba9876543210fedcba9876543210fedcba98",
  ...known,
  entries: [
    {
      type: "step",
      session: "01jd3x",
      step: 0,
      turn: 0,
      commit: one,
      blocks: [{ type: "config", text: "Be brief." }],
      ...unknown,
    },
    {
      type: "step",
      session: "01jd3x",
      step: 1,
      turn: 1,
      commit: one,
      extra: { model: "test/one" },
      blocks: [
        { type: "user", text: "make it use httpx\n\n# and test it" },
        { type: "thinking", text: "Small change." },
        { type: "assistant", text: "I'll change the import." },
        { type: "call", name: "Edit", id: "1", text: '{"file_path":"src/client.py","old_string":"requests"}' },
        { type: "call", name: "Bash", id: "2", text: '{"command":"pytest -q"}' },
        { type: "result", name: "Edit", id: "1", text: "-import requests\n+import httpx\n" },
        { type: "result", name: "Bash", id: "2", text: "1 failed", extra: { error: true } },
      ],
      ...known,
    },
    { type: "outside", commit: two, subject: "Fix *it*", author: "Ada" },
    {
      type: "step",
      session: "01jd3x",
      step: 2,
      turn: 2,
      commit: undefined,
      blocks: [
        { type: "user", text: "and now?" },
        { type: "assistant", text: "It passes." },
      ],
      ...unknown,
    },
  ],
  commits: [
    {
      id: one,
      subject: "Use httpx in the client",
      author: "test/one (bough)",
      date,
      files: [
        { path: "src/client.py", from: undefined, added: 1, removed: 1 },
        { path: "b.bin", from: "a.bin", added: undefined, removed: undefined },
      ],
    },
    { id: two, subject: "Fix *it*", author: "Ada", date, files: [] },
  ],
};

const markdownOf = (...blocks: Block[]) => {
  const step = { type: "step", session: "s", step: 1, turn: 1, commit: undefined, blocks, ...unknown } as const;
  return transcriptMarkdown({ ...transcript, entries: [step], commits: [] });
};

test("as Markdown a conversation reads from its first prompt to its last answer", () => {
  expect(`\n${transcriptMarkdown(transcript)}`).toMatchInlineSnapshot(`
    "
    # make it use httpx

    - Session \`01jd3x\` on branch \`bough/use-httpx\`
    - Started from \`fedcba987\`, now at \`89abcdef0\`
    - test/one · 5.1k in, 311 out · $0.0062

    ## Turn 1

    > make it use httpx
    >
    > ### and test it

    <details><summary>Thinking</summary>

    > Small change.

    </details>

    I'll change the import.

    <details><summary><b>Edit</b> <code>src/client.py</code></summary>

    \`\`\`json
    {
      "old_string": "requests"
    }
    \`\`\`

    \`\`\`text
    -import requests
    +import httpx
    \`\`\`

    </details>

    <details><summary><b>Bash</b> <code>pytest -q</code> ✗</summary>

    \`\`\`text
    1 failed
    \`\`\`

    </details>

    Commit \`012345678\`: Use httpx in the client

    - \`src/client.py\` +1 −1
    - \`a.bin\` → \`b.bin\` binary

    Commit \`89abcdef0\` by Ada: Fix \\*it\\*

    <sub>1 step: test/one · 5.1k in, 311 out · $0.0062</sub>

    ## Turn 2

    > and now?

    It passes.
    "
  `);
});

test("as JSON it is whole, and what is unknown is null", () => {
  expect(`\n${transcriptJson(transcript)}`).toMatchInlineSnapshot(`
    "
    {
      "format": 1,
      "session": "01jd3x",
      "branch": "bough/use-httpx",
      "tip": "89abcdef0123456789abcdef0123456789abcdef",
      "base": "fedcba9876543210fedcba9876543210fedcba98",
      "model": "test/one",
      "usage": {
        "input": 5120,
        "output": 311,
        "cacheRead": 0,
        "cacheWrite": 0
      },
      "cost": 0.0062,
      "entries": [
        {
          "type": "step",
          "session": "01jd3x",
          "step": 0,
          "turn": 0,
          "commit": "0123456789abcdef0123456789abcdef01234567",
          "model": null,
          "usage": null,
          "cost": null,
          "blocks": [
            {
              "type": "config",
              "text": "Be brief."
            }
          ]
        },
        {
          "type": "step",
          "session": "01jd3x",
          "step": 1,
          "turn": 1,
          "commit": "0123456789abcdef0123456789abcdef01234567",
          "model": "test/one",
          "usage": {
            "input": 5120,
            "output": 311,
            "cacheRead": 0,
            "cacheWrite": 0
          },
          "cost": 0.0062,
          "extra": {
            "model": "test/one"
          },
          "blocks": [
            {
              "type": "user",
              "text": "make it use httpx\\n\\n# and test it"
            },
            {
              "type": "thinking",
              "text": "Small change."
            },
            {
              "type": "assistant",
              "text": "I'll change the import."
            },
            {
              "type": "call",
              "name": "Edit",
              "id": "1",
              "text": "{\\"file_path\\":\\"src/client.py\\",\\"old_string\\":\\"requests\\"}"
            },
            {
              "type": "call",
              "name": "Bash",
              "id": "2",
              "text": "{\\"command\\":\\"pytest -q\\"}"
            },
            {
              "type": "result",
              "name": "Edit",
              "id": "1",
              "text": "-import requests\\n+import httpx\\n"
            },
            {
              "type": "result",
              "name": "Bash",
              "id": "2",
              "text": "1 failed",
              "extra": {
                "error": true
              }
            }
          ]
        },
        {
          "type": "outside",
          "commit": "89abcdef0123456789abcdef0123456789abcdef"
        },
        {
          "type": "step",
          "session": "01jd3x",
          "step": 2,
          "turn": 2,
          "commit": null,
          "model": null,
          "usage": null,
          "cost": null,
          "blocks": [
            {
              "type": "user",
              "text": "and now?"
            },
            {
              "type": "assistant",
              "text": "It passes."
            }
          ]
        }
      ],
      "commits": [
        {
          "commit": "0123456789abcdef0123456789abcdef01234567",
          "subject": "Use httpx in the client",
          "author": "test/one (bough)",
          "date": "2026-01-02T12:00:00.000Z",
          "files": [
            {
              "path": "src/client.py",
              "from": null,
              "added": 1,
              "removed": 1
            },
            {
              "path": "b.bin",
              "from": "a.bin",
              "added": null,
              "removed": null
            }
          ]
        },
        {
          "commit": "89abcdef0123456789abcdef0123456789abcdef",
          "subject": "Fix *it*",
          "author": "Ada",
          "date": "2026-01-02T12:00:00.000Z",
          "files": []
        }
      ]
    }
    "
  `);
});

test("a long result is clipped in Markdown, and it says so", () => {
  const text = Array.from({ length: 60 }, (_, i) => `line ${i + 1}`).join("\n");
  const page = markdownOf(
    { type: "call", name: "Read", id: "1", text: "{}" },
    { type: "result", name: "Read", id: "1", text },
  );
  expect(page).toMatch(/line 30\n… 20 more lines …\nline 51\n(?:.*\n){8}line 60\n```/);
});

test("nothing that was said or run ends the block it stands in", () => {
  const hostile = "```\n</details>\n````\n<script>`*_[x](y)";
  const page = markdownOf(
    { type: "call", name: "<b>", id: "1", text: JSON.stringify({ command: hostile }) },
    { type: "result", name: "Bash", id: "1", text: hostile },
  );
  expect(page).toContain(`\`\`\`\`\`text\n${hostile}\n\`\`\`\`\`\n\n</details>`);
  expect(page).toContain("<summary><b>&lt;b&gt;</b> <code>``` &lt;/details&gt; ```` &lt;script&gt;`*_[x](y)</code>");
  expect(markdownOf({ type: "user", text: hostile })).toContain(
    "> ```\n> </details>\n> ```\n>\n> &lt;script>`*_[x](y)\n",
  );
});

test("what was written or run is shown as such, and an edit by what it changed", () => {
  const write = { file_path: "a.ts", content: "const a = 1;\nconst b = 2;\n" };
  const change = { file_path: "a.ts", old_string: "const a = 1;\n", new_string: "const a = 3;\n" };
  const page = markdownOf(
    { type: "call", name: "Write", id: "1", text: JSON.stringify(write) },
    { type: "result", name: "Write", id: "1", text: "Created a.ts." },
    { type: "call", name: "Edit", id: "2", text: JSON.stringify(change) },
    { type: "result", name: "Edit", id: "2", text: "Edited a.ts.\n@@ -1 +1 @@\n-const a = 1;\n+const a = 3;\n" },
    { type: "call", name: "Bash", id: "3", text: JSON.stringify({ command: "cd x\nls", timeout: 5 }) },
    { type: "result", name: "Bash", id: "3", text: "x".repeat(600) },
  );
  expect(page.slice(page.indexOf("<details>")).replace("x".repeat(500), "x 500 times")).toMatchInlineSnapshot(`
    "<details><summary><b>Write</b> <code>a.ts</code></summary>

    \`\`\`ts
    const a = 1;
    const b = 2;
    \`\`\`

    \`\`\`text
    Created a.ts.
    \`\`\`

    </details>

    <details><summary><b>Edit</b> <code>a.ts</code></summary>

    \`\`\`diff
    Edited a.ts.
    @@ -1 +1 @@
    -const a = 1;
    +const a = 3;
    \`\`\`

    </details>

    <details><summary><b>Bash</b> <code>cd x ls</code></summary>

    \`\`\`json
    {
      "timeout": 5
    }
    \`\`\`

    \`\`\`sh
    cd x
    ls
    \`\`\`

    \`\`\`text
    x 500 times… 100 more characters
    \`\`\`

    </details>
    "
  `);
});

test("acts and remarks are told in words", () => {
  const page = markdownOf(
    { type: "rewind", to: 4, text: "" },
    { type: "summary", text: "" },
    { type: "note", text: "Merged." },
    { type: "call", name: "Bash", id: "1", text: '{"command": tru' },
  );
  expect(page.slice(page.indexOf("## Turn 1"))).toMatchInlineSnapshot(`
    "## Turn 1

    *Rewound to step 4.*

    *The conversation begins anew.*

    > Note: Merged.

    <details><summary><b>Bash</b> <code>{"command": tru</code></summary>

    \`\`\`json
    {"command": tru
    \`\`\`

    \`\`\`text
    (no result)
    \`\`\`

    </details>
    "
  `);
});

test("what other agents answered in a later step stands with the calls for them", () => {
  const entry = (step: number, ...blocks: readonly Block[]) =>
    ({ type: "step", session: "01jd3x", step, turn: 1, commit: one, blocks, ...unknown }) as const;
  const call = (id: string, task: string): Block => ({
    type: "call",
    name: "Agent",
    id,
    text: JSON.stringify({ task }),
  });
  const result = (id: string, text: string): Block => ({ type: "result", name: "Agent", id, text });
  const page = transcriptMarkdown({
    ...transcript,
    entries: [
      entry(1, { type: "user", text: "split it" }, call("1", "one"), call("2", "two")),
      entry(2, result("1", "One is done."), result("2", "Two is done.")),
      // Some providers count the calls of each reply anew.
      entry(3, call("1", "three")),
      entry(4, result("1", "Three is done.")),
    ],
  });
  const told = page.match(/<code>.*<\/code>|^.* is done\.$/gm);
  expect(told).toEqual([
    ...["<code>one</code>", "One is done.", "<code>two</code>", "Two is done.", "<code>three</code>", "Three is done."],
  ]);
  expect(page).not.toContain("(no result)");
});

test("a summary says which steps it stands for", () => {
  const page = transcriptMarkdown({
    ...transcript,
    entries: [
      {
        ...{ type: "step", session: "01jd3x", step: 9, turn: 2, commit: one, ...unknown },
        blocks: [{ type: "summary", text: "It uses httpx.", extra: { from: 1, to: 7 } }],
      },
    ],
  });
  expect(page).toContain("<summary>Summary of steps 1–7</summary>");
});

test("a sub-agent's page begins with its task, and tells of nothing that its parent did", () => {
  const task = { type: "step", session: "01jd3x.1-1", step: 3, turn: 2, commit: two, ...known } as const;
  const configured = {
    ...task,
    ...unknown,
    step: 2,
    turn: 1,
    blocks: [{ type: "config", text: "Be brief." }],
  } as const;
  const blocks = [
    { type: "summary", text: "" },
    { type: "user", text: "write the docs" },
    { type: "assistant", text: "They are written." },
  ] as const;
  const entries = [...transcript.entries.slice(0, 2), configured, { ...task, blocks }];
  const page = transcriptMarkdown({ ...transcript, session: "01jd3x.1-1", entries });
  expect(page).toMatch(/^# write the docs\n/);
  expect(page).toContain("- test/one · 5.1k in, 311 out · $0.0062");
  expect(page).not.toContain("make it use");
});

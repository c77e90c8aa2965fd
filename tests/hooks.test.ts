import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { story } from "./story.ts";

const write = { text: "I write.", calls: [{ name: "Write", input: { file_path: "src/a.js", content: "let a=1" } }] };

test("a repository's hooks for another agent are run as they are, once they are trusted", async () => {
  const settings = {
    hooks: {
      PreToolUse: [
        {
          matcher: "Bash",
          hooks: [{ type: "command", command: "$CLAUDE_PROJECT_DIR/.claude/hooks/guard.sh", timeout: 10 }],
        },
      ],
      PostToolUse: [
        { matcher: "Edit|MultiEdit|Write", hooks: [{ type: "command", command: "sh .claude/hooks/format.sh" }] },
      ],
    },
  };
  await using bough = await story({
    files: {
      ".claude/settings.json": JSON.stringify(settings),
      ".claude/hooks/guard.sh": "grep -q deploy && { echo 'Deploying is for people.' >&2; exit 2; }\nexit 0\n",
      ".claude/hooks/format.sh": "sed -i 's/let a=1/let a = 1;/' src/*.js\n",
    },
    script: [
      write,
      { text: "I deploy.", calls: [{ name: "Bash", input: { command: "echo deploy" } }] },
      { text: "Done." },
    ],
  });
  await chmod(join(bough.repository.path, ".claude/hooks/guard.sh"), 0o755);
  const { code, stdout } = await bough.run("-p", "Go", "-m", bough.model, "--branch", "go", "--trust");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "Done.\n" });
  expect(await bough.git("show", "bough/go:src/a.js")).toBe("let a = 1;");
  expect(JSON.stringify(bough.server.requests.at(-1)?.messages)).toContain("Deploying is for people.");
});

test("a hook that ends the turn is named with its reason, and what was done until then is kept", async () => {
  const stop = JSON.stringify({ continue: false, stopReason: "enough for today" });
  await using bough = await story({
    files: {
      ".bough/settings.json": JSON.stringify({
        hooks: { PostToolUse: [{ hooks: [{ type: "command", command: `echo '${stop}'` }] }] },
      }),
    },
    script: [write],
  });
  const args = ["-p", "Go", "-m", bough.model, "--branch", "go", "--trust", "--output-format", "json"];
  const { code, stdout, stderr } = await bough.run(...args);
  expect(code).toBe(1);
  expect(stderr).toContain("bough: A hook ended the turn: enough for today. Go on: bough -p -r bough/go ");
  expect(JSON.parse(stdout)).toMatchObject({
    is_error: true,
    stop_reason: "stopped",
    errors: ["A hook ended the turn: enough for today"],
  });
  expect(await bough.git("show", "bough/go:src/a.js")).toBe("let a=1");
  expect(bough.server.requests).toHaveLength(1);
});

test("a prompt that a hook refuses leaves nothing behind", async () => {
  await using bough = await story();
  await bough.repository.write({
    ".bough/settings.json": `{ "hooks": { "UserPromptSubmit": [{ "hooks": [{ "type": "command", "command": "echo not today >&2; exit 2" }] }] } }`,
  });
  const refs = await bough.git("for-each-ref");
  expect(await bough.run("-p", "Go", "-m", bough.model, "--trust")).toEqual({
    code: 1,
    stdout: "",
    stderr: "bough: A hook refused the prompt: not today\n",
  });
  expect(await bough.git("for-each-ref")).toBe(refs);
  expect(bough.server.requests).toEqual([]);
});

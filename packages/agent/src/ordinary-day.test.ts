import { once } from "node:events";
import { createServer } from "node:net";
import { type ScriptedReply, scriptedModel } from "@bough/models";
import { detectSandbox, WorktreeFiles } from "@bough/sandbox";
import { temporaryRepository } from "@bough/test-kit";
import { expect, onTestFinished, test } from "vitest";
import { Agent } from "./agent.ts";
import type { AgentEvent } from "./events.ts";
import type { Answer, PermissionQuestion, Question } from "./permissions/modes.ts";
import { Permissions } from "./permissions/permissions.ts";
import { parseRule, type Rule } from "./permissions/rule.ts";
import { bashTool } from "./tools/bash.ts";

const support = await detectSandbox();
const why = support.kind === "none" ? ` (skipped: ${support.message})` : "";

/** A small project without dependencies. */
const files = {
  "package.json": `${JSON.stringify({ name: "sums", type: "module", scripts: { test: "node --test", build: "node build.js" } })}\n`,
  "src/add.js": "export const add = (a, b) => a + b;\n",
  "test/add.test.js":
    'import { test } from "node:test";\nimport assert from "node:assert";\nimport { add } from "../src/add.js";\n\n' +
    'test("adds", () => assert.equal(add(1, 2), 3));\n',
  "build.js":
    'import { cpSync, mkdirSync } from "node:fs";\nmkdirSync("dist", { recursive: true });\ncpSync("src", "dist", { recursive: true });\n',
  "serve.js":
    'import { createServer } from "node:http";\n' +
    'createServer(({ url }, response) => {\n  console.log("asked for", url);\n' +
    '  response.end("served to " + url.slice(1) + "\\n");\n}).listen(5173, () => console.log("ready"));\n',
  ".gitignore": "dist/\n",
};

/** What a model runs on such a day, between its edits. */
const commands = [
  "git status --short",
  "git log --oneline -n 5",
  "ls -la && cat package.json",
  "grep -rn 'add' src test | head -20",
  "find . -name '*.js' -not -path './node_modules/*'",
  "node --test",
  "npm test --silent",
  "node --test 2>&1 | tail -n 20",
  "sed -n '1,20p' src/add.js",
  "sed -i 's/a + b/b + a/' src/add.js && git diff",
  "git diff --stat",
  "mkdir -p src/more && mv src/sub.js src/more/sub.js && ls src/more && mv src/more/sub.js src/sub.js",
  "cp src/add.js /tmp/add.js && diff src/add.js /tmp/add.js",
  "node -e 'import(\"./src/add.js\").then(({ add }) => console.log(add(2, 3)))'",
  "npm run build --silent && ls dist",
  "rm -rf dist && node build.js",
  "NODE_ENV=test node --test test/add.test.js",
  'for f in src/*.js; do wc -l "$f"; done',
  "cat > notes.txt <<'EOF'\nwhat to do next\nEOF\ncat notes.txt",
  "rm notes.txt && git status --short",
  "git show --stat HEAD",
  "git blame src/add.js | head -n 3",
  "node --check build.js && echo fine",
  "export GREETING=hello; cd src",
  'echo "$GREETING from $(basename "$PWD")"; cd ..',
  "awk -F: '{ print $1 }' package.json | sort | uniq -c",
];

function bash(id: string, command: string, more: Record<string, unknown> = {}): ScriptedReply {
  return { content: [{ type: "call", id, name: "Bash", input: { command, ...more } }] };
}

function call(id: string, name: string, input: Record<string, unknown>): ScriptedReply {
  return { content: [{ type: "call", id, name, input }] };
}

const edits = [
  call("e1", "Read", { file_path: "src/add.js" }),
  call("e2", "Write", { file_path: "src/sub.js", content: "export const sub = (a, b) => a - b;\n" }),
  call("e3", "Edit", { file_path: "test/add.test.js", old_string: "add(1, 2), 3", new_string: "add(2, 2), 4" }),
  call("e4", "Grep", { pattern: "export" }),
];

/** A development server that is started, waited for, asked, looked at and ended. */
const serving = [
  bash("s1", "node serve.js", { run_in_background: true }),
  call("s2", "Jobs", { action: "wait", port: 5173 }),
  bash("s3", "node -e 'fetch(\"http://localhost:5173/\").then((r) => r.text()).then(console.log)'"),
  bash("s4", "exec 3<>/dev/tcp/127.0.0.1/5173; printf 'GET /curl HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"),
  call("s5", "Jobs", { action: "logs" }),
  call("s6", "Jobs", { action: "kill" }),
  "Served.",
];

test.skipIf(why !== "")(
  `in a sandbox a day of edits, tests, builds, git and a server asks nothing, and the network is asked for once${why}`,
  async () => {
    const server = createServer((socket) => socket.end("HTTP/1.0 200 OK\r\n\r\nreached\n"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = server.address();
    const fetching = `exec 3<>/dev/tcp/127.0.0.1/${typeof address === "object" ? address?.port : ""} && cat <&3`;

    await using repository = await temporaryRepository({ files, enter: true });
    const day = [...edits, ...commands.map((command, at) => bash(`c${at}`, command)), "Done."];
    const asked: PermissionQuestion[] = [];
    const model = scriptedModel([
      ...day,
      ...serving,
      bash("n0", fetching),
      bash("n1", fetching, { network: true }),
      bash("n2", fetching, { network: true }),
      "Fetched.",
    ]);
    const ask = async (question: Question): Promise<Answer> => {
      if (question.type !== "permission") return { allow: false };
      asked.push(question);
      return { allow: true, remember: { rule: question.rules[0] ?? "", for: "session" } };
    };
    await using agent = await Agent.start({ cwd: repository.path, model, ask });
    const failed: string[] = [];
    const onEvent = (event: AgentEvent) => {
      if (event.type === "tool-end" && event.isError) failed.push(event.text);
    };
    expect(await agent.run("Work", { onEvent })).toMatchObject({ stop: "done", denials: [] });
    expect(failed).toEqual([]);
    expect(asked).toEqual([]);

    await agent.run("Serve", { onEvent });
    expect(failed).toEqual([]);
    expect(asked).toEqual([]);
    expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain("served to curl");

    await agent.run("Fetch", { onEvent });
    expect(failed).toHaveLength(1);
    expect(asked.map(({ input, why: because }) => [input.command, because])).toEqual([
      [fetching, "it wants to reach the network"],
    ]);
    expect(JSON.stringify(model.requests.at(-1)?.messages).match(/reached/g)).toHaveLength(2);
  },
  60_000,
);

test("without a sandbox every command is asked about, unless rules allow it", async () => {
  await using repository = await temporaryRepository({ files });
  const context = { files: new WorktreeFiles({ root: repository.path }), signal: new AbortController().signal };
  const allow = [
    ..."git status,git log,git diff,git show,git blame,node --test,npm test,npm run build,ls".split(","),
    ..."cat,grep,find,head,tail,sed,awk,sort,uniq,wc,diff,mkdir,mv,cp,node --check,basename".split(","),
  ].flatMap((words) => parseRule(`Bash(${words}:*)`) ?? []);
  /** What a person is asked about who always gives this answer. */
  const asked = async (
    answer: (question: PermissionQuestion) => Answer,
    rules: readonly Rule[] = [],
  ): Promise<string[]> => {
    const permissions = new Permissions({
      mode: "default",
      rules: { allow: rules, ask: [], deny: [] },
      checkout: repository.path,
      canConfine: async () => false,
    });
    const about: string[] = [];
    const ask = async (question: Question) => {
      if (question.type !== "permission") return { allow: false };
      about.push(String(question.input.command));
      return answer(question);
    };
    for (const command of commands) await permissions.permit(bashTool, { command }, { ...context, ask });
    return about;
  };
  const yes: Answer = { allow: true };
  expect(await asked(() => yes)).toEqual(commands);
  expect(await asked(({ rules }) => ({ ...yes, remember: { rule: rules[0] ?? "", for: "session" } }))).toHaveLength(25);
  expect(await asked(() => yes, allow)).toMatchInlineSnapshot(`
    [
      "sed -i 's/a + b/b + a/' src/add.js && git diff",
      "node -e 'import("./src/add.js").then(({ add }) => console.log(add(2, 3)))'",
      "rm -rf dist && node build.js",
      "for f in src/*.js; do wc -l "$f"; done",
      "cat > notes.txt <<'EOF'
    what to do next
    EOF
    cat notes.txt",
      "rm notes.txt && git status --short",
      "export GREETING=hello; cd src",
      "echo "$GREETING from $(basename "$PWD")"; cd ..",
    ]
  `);
});

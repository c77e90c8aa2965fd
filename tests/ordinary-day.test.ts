import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { story } from "./story.ts";

/** What the machine that this runs on can confine commands with, as a user is told. */
async function whyNoSandbox(): Promise<string> {
  await using bough = await story();
  const { stdout } = await bough.run("doctor");
  return /^ready +sandbox /m.test(stdout) ? "" : ` (skipped: ${/^\w+ +sandbox +(.*)$/m.exec(stdout)?.[1]})`;
}

const why = await whyNoSandbox();

test.skipIf(why !== "")(
  `headless, tests, git and builds run unasked; the network is denied with the reason, and nobody is waited for${why}`,
  async () => {
    const server = createServer((socket) => socket.end("reached\n"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = server.address();
    const command = `cat < /dev/tcp/127.0.0.1/${typeof address === "object" ? address?.port : ""}`;
    await using bough = await story({
      files: {
        "package.json": '{ "type": "module", "scripts": { "build": "node build.js" } }\n',
        "build.js": 'import { writeFileSync } from "node:fs";\nwriteFileSync("built.txt", "built\\n");\n',
        "one.test.js": 'import { test } from "node:test";\ntest("is one", () => {});\n',
      },
      script: [
        {
          calls: [{ name: "Bash", input: { command: "node --test && npm run build --silent && git status --short" } }],
        },
        { calls: [{ name: "Bash", input: { command, network: true } }] },
        { text: "Built; the network is closed." },
      ],
    });
    const { code, stdout } = await bough.run("-p", "Build it", "--output-format", "json");
    expect(code).toBe(0);
    const { branch, permission_denials } = JSON.parse(stdout);
    expect(permission_denials).toEqual([
      { tool_name: "Bash", tool_use_id: expect.any(String), tool_input: { command, network: true } },
    ]);
    const told = JSON.stringify(bough.server.requests.map(({ messages }) => messages));
    expect(told).toContain("?? built.txt");
    expect(told).toContain("nobody is there to be asked, and it wants to reach the network");
    expect(told).not.toContain("reached\\n");
    expect(await bough.git("show", `${branch}:built.txt`)).toBe("built");
  },
);

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { RecordedRequest } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "../agent.ts";
import { agentCall, Cast, type Part, writeCall } from "./cast-fixture.ts";

const merge = (branch: string) => ({ name: "Merge", input: { branch, take: "theirs" } });

/** One who writes a file of its own, and one that others write too. */
function leaf(name: string): Part {
  return [
    { calls: [writeCall(`${name}.txt`, `${name}\n`), writeCall("shared.txt", `${name}\n`)] },
    { text: `${name} is done.` },
  ];
}

/** One who calls others, and then merges what conflicted. */
function chief(...tasks: readonly string[]): Part {
  return [
    { text: "I share it out.", calls: tasks.map((task) => agentCall(task)) },
    (request) => {
      const kept = conflictsIn(request);
      return kept.length === 0 ? { text: "All is in." } : { text: "I take theirs.", calls: kept.map(merge) };
    },
    { text: "All is in." },
  ];
}

function conflictsIn({ messages }: RecordedRequest): string[] {
  const results = messages.at(-1)?.results ?? [];
  return results.flatMap(({ text: told }) => /(bough\/\S+) conflicts with your branch/.exec(told)?.[1] ?? []);
}

/** Twelve agents, three deep, below the one that is spoken to; each leaf conflicts with its siblings. */
const tree: Readonly<Record<string, Part>> = {
  Build: chief("north", "south", "west"),
  north: chief("n1", "n2"),
  south: chief("s1", "s2"),
  west: chief("w1", "w2"),
  n1: chief("n1x"),
  n2: leaf("n2"),
  s1: chief("s1x"),
  s2: leaf("s2"),
  w1: chief("w1x"),
  w2: leaf("w2"),
  n1x: leaf("n1x"),
  s1x: leaf("s1x"),
  w1x: leaf("w1x"),
};
const leaves = ["n1x", "n2", "s1x", "s2", "w1x", "w2"];

test("a tree of twelve agents, three deep, comes together through its conflicts", async () => {
  await using cast = await Cast.of(tree, { "a.txt": "a\n" });
  await using agent = await cast.start();
  expect(await agent.run("Build", cast)).toMatchObject({ stop: "done", text: "All is in." });
  cast.expectAllTaken();

  expect(cast.events.filter(({ type }) => type === "agent-end")).toHaveLength(12);
  const conflicts = cast.events.filter((event) => event.type === "agent-end" && event.outcome === "conflict");
  expect(conflicts).toHaveLength(5);
  for (const name of leaves) expect(await cast.repository.git("show", `bough/lead:${name}.txt`)).toBe(name);
  expect(await cast.repository.git("show", "bough/lead:shared.txt")).toBe("w2");
  // All of everybody's work is below the one branch, each line under the name of whoever wrote it.
  expect(await cast.repository.git("branch", "--list", "bough/*", "--no-merged", "bough/lead")).toBe("");
  expect(await cast.repository.git("log", "-1", "--format=%s", "bough/lead", "--", "n1x.txt")).toBe(
    "Write n1x.txt, shared.txt",
  );
  expect(await cast.repository.git("log", "--first-parent", "--format=%s", "bough/lead")).toMatchInlineSnapshot(`
    "All is in
    Answers of bough/lead.2 and bough/lead.3
    Merge bough/lead.3 into bough/lead
    Merge bough/lead.2 into bough/lead
    I take theirs
    Answers of bough/lead.1 and 2 others
    Merge bough/lead.1 into bough/lead
    I share it out
    First commit"
  `);
  expect(await cast.repository.git("fsck", "--no-dangling", "--no-progress")).toBe("");
}, 30_000);

// Runs the tree until as many agents have ended as it is told, and dies.
const program = `
import { Agent } from "@bough/agent";
import { openModel } from "@bough/models";

const [baseUrl, deaths] = process.argv.slice(1);
const agent = await Agent.start({
  cwd: process.cwd(),
  branch: "lead",
  model: openModel("anthropic/claude", { env: {}, apiKey: "key", baseUrl }),
});
let ended = 0;
await agent.run("Build", {
  onEvent(event) {
    if (event.type === "agent-end" && ++ended === Number(deaths)) process.kill(process.pid, "SIGKILL");
  },
});
`;

function pathsWritten({ messages }: RecordedRequest): string[] {
  const results = messages.flatMap((message) => message.results ?? []);
  const done = new Set(results.flatMap(({ id, isError }) => (isError ? [] : [id])));
  const calls = messages.flatMap((message) => message.calls ?? []);
  return calls.flatMap(({ id, name, input }) => {
    if (name !== "Write" || !done.has(id)) return [];
    return typeof input === "object" && input !== null && "file_path" in input ? [String(input.file_path)] : [];
  });
}

async function runUntilKilled(cast: Cast, deaths: number): Promise<void> {
  const source = program.replaceAll(
    /from "([^"]+)"/g,
    (_, name) => `from ${JSON.stringify(import.meta.resolve(name))}`,
  );
  const args = ["--input-type=module", "--eval", source, cast.server.url, String(deaths)];
  const { path: cwd, env } = cast.repository;
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "inherit", "pipe"] });
  const [stderr, [, signal]] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect({ stderr, signal }).toEqual({ stderr: "", signal: "SIGKILL" });
}

test.each([1, 5, 9])(
  "killed when %i of the twelve are done, nothing is lost and all can go on",
  async (deaths) => {
    await using cast = await Cast.of(tree, { "a.txt": "a\n" });
    await runUntilKilled(cast, deaths);
    const branches = (await cast.repository.git("branch", "--list", "bough/*", "--format=%(refname:short)")).split(
      "\n",
    );

    await using agent = await Agent.resume({ cwd: cast.repository.path, model: cast.model });
    expect(agent.branch).toBe("bough/lead");
    expect(await agent.run("Go on", cast)).toMatchObject({ stop: "done" });
    // Each that it had at work is named to it.
    const results = cast.server.requests.at(-1)?.messages.flatMap((message) => message.results ?? []) ?? [];
    const children = branches.filter((branch) => /^bough\/lead\.\d+$/.test(branch));
    expect(children.length).toBeGreaterThan(0);
    for (const child of children) expect(results.map((result) => result.text).join("\n")).toContain(child);

    // Each is a session like any other.
    for (const branch of branches.filter((each) => each !== "bough/lead")) {
      await using child = await Agent.resume({ cwd: cast.repository.path, rev: branch, model: cast.model });
      expect(await child.run("Go on")).toMatchObject({ stop: "done" });
    }
    // Whatever somebody was told is written is on a branch.
    const kept = await cast.repository.git("log", "--branches", "--format=", "--name-only");
    const written = cast.server.requests.flatMap(pathsWritten);
    expect(written.length).toBeGreaterThan(0);
    for (const path of written) expect(kept).toContain(path);
    expect(await cast.repository.git("fsck", "--no-dangling", "--no-progress")).toBe("");
    cast.expectAllTaken();
  },
  60_000,
);

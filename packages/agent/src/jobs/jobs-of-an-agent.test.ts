import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scriptedModel } from "@bough/models";
import { ShellSession } from "@bough/sandbox";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "../agent.ts";
import type { AgentEvent } from "../events.ts";

const files = { "a.txt": "a\n" };
const call = (id: string, name: string, input: Record<string, unknown> = {}) => ({
  content: [{ type: "call" as const, id, name, input }],
});
const background = (id: string, command: string) => call(id, "Bash", { command, run_in_background: true });

test("a job lives from turn to turn, and the model is told when it ended between two", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel([
    background("1", "echo up; until [ -e go ]; do sleep 0.01; done; echo down; exit 3"),
    "It runs.",
    call("2", "Jobs", { action: "logs" }),
    "It said goodbye.",
  ]);
  await using agent = await Agent.start({ cwd: repository.path, model, permissionMode: "bypassPermissions" });
  const events: AgentEvent[] = [];
  const onEvent = (event: AgentEvent) => void events.push(event);
  await agent.run("Start it", { onEvent });
  writeFileSync(join(agent.worktree, "go"), "");
  // Nobody listens between two turns; a command that waits for the same thing ends no sooner.
  const shell = new ShellSession({ worktree: agent.worktree });
  await shell.run({ command: "sleep 0.5" });
  await shell.close();
  await agent.run("And now?", { onEvent });

  expect(model.requests[2]?.messages.at(-1)?.content.slice(-2)).toMatchObject([
    { text: expect.stringMatching(/^\[job 1 ended: exit code 3 \(echo up; .*\)\]$/) },
    { text: "And now?" },
  ]);
  expect(model.requests[3]?.messages.at(-1)?.content).toMatchObject([{ text: "down\n[job 1 ended: exit code 3]" }]);
  expect(events.filter(({ type }) => /^(turn|job)-/.test(type))).toMatchObject([
    { type: "turn-start" },
    { type: "job-start", id: "1" },
    { type: "turn-end" },
    { type: "turn-start" },
    { type: "job-end", id: "1", code: 3 },
    { type: "turn-end" },
  ]);
});

test("a job that ends during a turn is told after the results of the step, once", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel([
    background("1", "until [ -e go ]; do sleep 0.01; done"),
    call("2", "Bash", { command: "touch go; sleep 0.5" }),
    call("3", "Ls"),
    "Done.",
  ]);
  await using agent = await Agent.start({ cwd: repository.path, model, permissionMode: "bypassPermissions" });
  await agent.run("Go");
  expect(model.requests[2]?.messages.at(-1)?.content).toMatchObject([
    { id: "2" },
    { text: expect.stringMatching(/^\[job 1 ended: exit code 0/) },
  ]);
  expect(model.requests[3]?.messages.at(-1)?.content).toMatchObject([{ id: "3" }]);
});

test("what a job writes is in the step during which it was written, also when the step's calls only read", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel([
    background("1", "until [ -e a.txt.seen ]; do sleep 0.01; done; echo built > out; sleep 1000"),
    call("2", "Write", { file_path: "a.txt.seen", content: "" }),
    call("3", "Jobs", { action: "wait", timeout: 300 }),
    "Built.",
  ]);
  await using agent = await Agent.start({ cwd: repository.path, model, permissionMode: "bypassPermissions" });
  await agent.run("Build");
  expect(await repository.git("log", "--format=%an", "-1", agent.branch, "--", "out")).toBe("scripted/model (bough)");
});

test("closing an agent ends its jobs", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const model = scriptedModel([background("1", "while :; do touch alive; sleep 0.02; done"), "It runs."]);
  const agent = await Agent.start({ cwd: repository.path, model, permissionMode: "bypassPermissions" });
  await agent.run("Start it");
  const alive = join(agent.worktree, "alive");
  expect(existsSync(alive)).toBe(true);
  await agent.close();
  rmSync(alive);
  await waitAWhile(agent.worktree);
  expect(existsSync(alive)).toBe(false);
});

for (const mode of ["default", "bypassPermissions"]) {
  test(`a job dies with the program when that is killed, in the mode ${mode}`, async () => {
    await using repository = await temporaryRepository({ files, enter: true });
    const program = `
      import { Agent } from ${JSON.stringify(join(import.meta.dirname, "../agent.ts"))};
      import { scriptedModel } from ${JSON.stringify(import.meta.resolve("@bough/models"))};
      const call = { type: "call", id: "1", name: "Bash", input: { run_in_background: true, command: "while :; do touch alive; sleep 0.02; done" } };
      const agent = await Agent.start({
        cwd: ${JSON.stringify(repository.path)},
        model: scriptedModel([{ content: [call] }, "It runs."]),
        permissionMode: ${JSON.stringify(mode)},
        ask: async () => ({ allow: true }),
      });
      await agent.run("Start it");
      console.log(agent.worktree);
      setInterval(() => {}, 1000);`;
    const bough = spawn(process.execPath, ["--input-type=module-typescript", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [printed] = await once(bough.stdout, "data");
    const worktree = String(printed).trim();
    expect(existsSync(join(worktree, "alive"))).toBe(true);
    bough.kill("SIGKILL");
    await once(bough, "exit");
    await waitAWhile(worktree);
    rmSync(join(worktree, "alive"), { force: true });
    await waitAWhile(worktree);
    expect(existsSync(join(worktree, "alive"))).toBe(false);
  });
}

/** What lives would show itself within this time many times over. */
async function waitAWhile(worktree: string): Promise<void> {
  const shell = new ShellSession({ worktree });
  await shell.run({ command: "sleep 0.3" });
  await shell.close();
}

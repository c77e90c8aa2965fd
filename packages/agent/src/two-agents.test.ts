import { access } from "node:fs/promises";
import { join } from "node:path";
import { type ScriptedModel, scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import * as z from "zod";
import { Agent } from "./agent.ts";
import type { AgentOptions } from "./agent-options.ts";
import { Budget } from "./budget.ts";
import type { Ask, Question } from "./permissions/modes.ts";
import { defineTool } from "./tool.ts";

const files = { "sub/a.txt": "a\n" };
const call = (id: string, name: string, input: Record<string, unknown>) => ({ type: "call" as const, id, name, input });
const bash = (id: string, command: string) => call(id, "Bash", { command });

const deploy = defineTool({
  name: "Deploy",
  description: "Deploys.",
  effect: "execute",
  input: z.object({}),
  execute: async () => ({ text: "Deployed." }),
});

/** What the model was told that its calls printed. */
function results({ requests }: ScriptedModel): string[] {
  const last = requests.at(-1)?.messages ?? [];
  return last.flatMap(({ content }) => content.flatMap((block) => (block.type === "result" ? block.text.trim() : [])));
}

/** Where two agents of one process may be: in one repository, or in one each. */
async function places(where: string) {
  const one = await temporaryRepository({ files, enter: true });
  const other = where === "one repository" ? one : await temporaryRepository({ files });
  return {
    paths: [one.path, other.path] as const,
    async [Symbol.asyncDispose]() {
      await other[Symbol.asyncDispose]();
      if (one !== other) await one[Symbol.asyncDispose]();
    },
  };
}

const everywhere = ["one repository", "two repositories"];

test.each(everywhere)(
  "in %s two agents that work at once have folders, variables and exports of their own",
  async (where) => {
    await using place = await places(where);
    const work = async (cwd: string, name: string) => {
      const model = scriptedModel([
        { content: [bash("1", `cd sub && export SEEN=${name} && echo $NAME > own.txt && pwd`)] },
        { content: [bash("2", "pwd; echo $SEEN $NAME; cat own.txt; ls")] },
        "Done.",
      ]);
      const env = { NAME: name };
      await using agent = await Agent.start({ cwd, model, env, permissionMode: "bypassPermissions", branch: name });
      const turn = await agent.run("Work");
      expect(turn.stop).toBe("done");
      const sub = join(agent.worktree, "sub");
      expect(results(model)).toEqual([sub, `${sub}\n${name} ${name}\n${name}\na.txt\nown.txt`]);
    };
    await Promise.all([work(place.paths[0], "one"), work(place.paths[1], "two")]);
    expect(process.env).not.toHaveProperty("NAME");
    await expect(access(join(place.paths[0], "sub/own.txt"))).rejects.toThrow("ENOENT");
  },
);

test.each(everywhere)("in %s what a person allows one agent for its session the other asks about", async (where) => {
  await using place = await places(where);
  const asked = async (cwd: string, remember: boolean) => {
    const questions: Question[] = [];
    const ask: Ask = async (question) => {
      questions.push(question);
      const rule = question.type === "permission" ? question.rules[0] : undefined;
      return { allow: true, remember: remember && rule !== undefined ? { rule, for: "session" } : undefined };
    };
    const deployTwice = ["1", "2"].map((id) => ({ content: [call(id, "Deploy", {})] }));
    const model = scriptedModel([...deployTwice, "Done."]);
    await using agent = await Agent.start({ cwd, model, tools: [deploy], ask });
    expect(await agent.run("Deploy twice")).toMatchObject({ stop: "done", denials: [] });
    return questions.length;
  };
  expect(await asked(place.paths[0], true)).toBe(1);
  expect(await Promise.all(place.paths.map((cwd, index) => asked(cwd, index === 0)))).toEqual([1, 2]);
});

test.each(everywhere)(
  "in %s each agent's secrets are masked where they are secrets, and nowhere else",
  async (where) => {
    await using place = await places(where);
    const [one, two] = ["q8Zr4Wm1Tx7Lc2Vb", "n5Hy9Kd3Gs6Pf0Je"];
    const seen = async (cwd: string, { apiKey, env }: Pick<AgentOptions, "apiKey" | "env">) => {
      const model = scriptedModel([{ content: [bash("1", `echo ${one} ${two}`)] }, "Done."]);
      await using agent = await Agent.start({ cwd, model, apiKey, env, permissionMode: "bypassPermissions" });
      await agent.run("Say it");
      return results(model);
    };
    const [first, second] = await Promise.all([
      seen(place.paths[0], { apiKey: one }),
      seen(place.paths[1], { env: { DEPLOY_TOKEN: two } }),
    ]);
    expect([first, second]).toEqual([[`[masked: API_KEY] ${two}`], [`${one} [masked: DEPLOY_TOKEN]`]]);
  },
);

test("limits and a budget bound those that were given them, whoever else is at work", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const replies = () => scriptedModel([...["1", "2", "3"].map((id) => ({ content: [call(id, "Ls", {})] })), "Done."]);
  const stop = async (limits?: AgentOptions["limits"], budget?: Budget) => {
    await using agent = await Agent.start({ cwd: repository.path, model: replies(), limits });
    return (await agent.run("Look", { budget })).stop;
  };
  const shared = new Budget({ replies: 4 });
  const stops = await Promise.all([stop({ replies: 2 }), stop(), stop(undefined, shared), stop(undefined, shared)]);
  expect(stops.slice(0, 2)).toEqual(["turn-limit", "done"]);
  expect(stops.slice(2)).toContain("turn-limit");
  expect(shared.spent.replies).toBe(4);
});

test("closing one agent ends what it runs and leaves the other's jobs and turn alone", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  const gate = Promise.withResolvers<void>();
  const wait = defineTool({
    name: "Wait",
    description: "Waits.",
    effect: "read",
    input: z.object({}),
    execute: async () => {
      await gate.promise;
      return { text: "It waited." };
    },
  });
  const model = scriptedModel([{ content: [call("1", "Wait", {})] }, "Done."]);
  await using other = await Agent.start({ cwd: repository.path, model, tools: [wait] });
  const turn = other.run("Wait");
  const one = await Agent.start({ cwd: repository.path, model: scriptedModel([]) });
  await one.close();
  gate.resolve();
  expect(await turn).toMatchObject({ stop: "done", text: "Done." });
});

test("a session that an agent of this process has open no other one takes up", async () => {
  await using repository = await temporaryRepository({ files, enter: true });
  await using agent = await Agent.start({ cwd: repository.path, model: scriptedModel(["Done."]), branch: "x" });
  await agent.run("Begin");
  const again = Agent.resume({ cwd: repository.path, rev: "bough/x", model: scriptedModel([]) });
  await expect(again).rejects.toMatchObject({ name: "RepositoryError", reason: "session-held" });
  expect((await agent.transcript()).lastTurn).toBe(1);
});

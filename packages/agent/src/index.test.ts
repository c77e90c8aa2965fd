import { temporaryRepository } from "@bough/test-kit";
import { expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import * as library from "./index.ts";
import {
  Agent,
  AgentError,
  type AgentEvent,
  type ApplyResult,
  type Ask,
  type Block,
  type ClosedWorktree,
  type CloseOptions,
  type CompactResult,
  type ContextUse,
  type Conversation,
  type Denial,
  defineTool,
  type Jobs,
  type LandOptions,
  type LandResult,
  type LeftOut,
  type MergeConflict,
  type MergeResult,
  type Model,
  ModelError,
  type Past,
  RepositoryError,
  type RewindResult,
  type ShellSession,
  type Step,
  type StopReason,
  type SubAgent,
  type SubAgentsOfCall,
  scriptedModel,
  type ToolContext,
  type Turn,
  type Usage,
  type WorktreeFiles,
} from "./index.ts";

type Resolved<Method extends (...args: never[]) => unknown> = Awaited<ReturnType<Method>>;

test("whatever an agent takes and gives can be named with an import of this package", () => {
  expectTypeOf<Resolved<Agent["run"]>>().toEqualTypeOf<Turn>();
  expectTypeOf<Resolved<Agent["apply"]>>().toEqualTypeOf<ApplyResult>();
  expectTypeOf<Resolved<Agent["merge"]>>().toEqualTypeOf<MergeResult>();
  expectTypeOf<Extract<MergeResult, { type: "conflict" }>["conflicts"]>().toEqualTypeOf<readonly MergeConflict[]>();
  expectTypeOf<Resolved<Agent["land"]>>().toEqualTypeOf<LandResult>();
  expectTypeOf<Parameters<Agent["land"]>>().toEqualTypeOf<[options?: LandOptions]>();
  expectTypeOf<Resolved<Agent["rewind"]>>().toEqualTypeOf<RewindResult>();
  expectTypeOf<Resolved<Agent["archive"]>>().toEqualTypeOf<ClosedWorktree>();
  expectTypeOf<Parameters<Agent["close"]>>().toEqualTypeOf<[options?: CloseOptions]>();
  expectTypeOf<Resolved<Agent["transcript"]>>().toEqualTypeOf<Conversation>();
  expectTypeOf<Step["blocks"]>().toEqualTypeOf<readonly Block[]>();
  expectTypeOf<Resolved<Agent["compact"]>>().toEqualTypeOf<CompactResult>();
  expectTypeOf<Resolved<Agent["context"]>>().toEqualTypeOf<ContextUse>();
  expectTypeOf<Agent["leftOut"]>().toEqualTypeOf<readonly LeftOut[]>();
  expectTypeOf<Agent["children"]>().toEqualTypeOf<readonly SubAgent[]>();
  expectTypeOf<Turn["usage"]>().toEqualTypeOf<Usage>();
  expectTypeOf<Turn["denials"]>().toEqualTypeOf<readonly Denial[]>();
  expectTypeOf<Turn["stop"]>().toEqualTypeOf<StopReason>();
});

test("whatever a tool is given can be named as well", () => {
  expectTypeOf<ToolContext["files"]>().toEqualTypeOf<WorktreeFiles>();
  expectTypeOf<ToolContext["shell"]>().toEqualTypeOf<ShellSession>();
  expectTypeOf<ToolContext["jobs"]>().toEqualTypeOf<Jobs>();
  expectTypeOf<ToolContext["past"]>().toEqualTypeOf<Past>();
  expectTypeOf<ToolContext["ask"]>().toEqualTypeOf<Ask | undefined>();
  expectTypeOf<ToolContext["subAgents"]>().toEqualTypeOf<SubAgentsOfCall | undefined>();
});

test("a tool's schema says what its execute is given", () => {
  defineTool({
    name: "Roll",
    description: "Rolls a die.",
    effect: "read",
    input: z.object({ sides: z.number().default(6) }),
    execute: async ({ sides }) => {
      expectTypeOf(sides).toEqualTypeOf<number>();
      return { text: String(sides) };
    },
  });
});

test("an agent can be run on a model of the program's own, and tells of its events as plain JSON", async () => {
  await using repository = await temporaryRepository({ enter: true });
  const reply = "Hello.";
  const model: Model = {
    name: "mine/model",
    async *stream() {
      const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
      yield { type: "reply", reply: { content: [{ type: "text", text: reply }], stop: "end", usage } };
    },
  };
  const events: AgentEvent[] = [];
  await using agent = await Agent.start({ cwd: repository.path, model });
  const turn = await agent.run("Greet", { onEvent: (event) => events.push(event) });
  expect(turn).toMatchObject({ stop: "done", text: reply, replies: 1 });
  expect(JSON.parse(JSON.stringify(events))).toEqual(events);
  expect(events.every(({ branch }) => branch === agent.branch)).toBe(true);
});

test("what cannot be done is told by a typed error with its reason", async () => {
  await using repository = await temporaryRepository({ enter: true });
  const options = { cwd: repository.path, model: scriptedModel([]) };
  const reasons = await Promise.all(
    [
      Agent.start({ ...options, model: "nobody/x" }),
      Agent.start({ ...options, tools: ["Raed"] }),
      Agent.start({ ...options, cwd: repository.folder }),
      Agent.start({ ...options, limits: { replies: 0 } }),
      Agent.resume({ ...options, rev: "nothing" }),
      Agent.resume(options),
    ].map((attempt) => attempt.then(() => "done", reasonOf)),
  );
  expect(reasons).toEqual([
    "ModelError unknown-model",
    "AgentError unknown-tool",
    "RepositoryError not-a-repository",
    "RangeError",
    "RepositoryError unknown-revision",
    "AgentError no-session",
  ]);
});

function reasonOf(error: unknown): string {
  if (error instanceof ModelError) return `${error.name} ${error.kind}`;
  if (error instanceof AgentError || error instanceof RepositoryError) return `${error.name} ${error.reason}`;
  return error instanceof Error ? error.name : "not an error";
}

test("these are the names there are at run time", () => {
  expect(Object.keys(library).toSorted()).toMatchInlineSnapshot(`
    [
      "Agent",
      "AgentError",
      "BranchMovedError",
      "Budget",
      "CheckoutWriteError",
      "CommitRefusedError",
      "GitError",
      "LockedError",
      "ModelError",
      "RefMovedError",
      "RepositoryError",
      "SearchFailed",
      "SettingsError",
      "contextSources",
      "defineTool",
      "detectSandbox",
      "expandCommand",
      "keepRule",
      "listFiles",
      "loadAgentFile",
      "loadAgentKinds",
      "loadCommands",
      "loadInstructions",
      "loadSettings",
      "loadSkills",
      "parseRule",
      "permissionModes",
      "scriptedModel",
      "searchProgram",
    ]
  `);
});

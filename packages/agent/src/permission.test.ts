import { expect, test } from "vitest";
import * as z from "zod";
import { type Answer, type Ask, type PermissionMode, permit } from "./permission.ts";
import { defineTool, type Tool } from "./tool.ts";

const tool = (effect: Tool["effect"]) =>
  defineTool({ name: "T", description: "", input: z.object({}), effect, execute: async () => ({ text: "" }) });

function decide({
  effect,
  mode = "default",
  ask,
  signal = new AbortController().signal,
}: {
  effect: Tool["effect"];
  mode?: PermissionMode;
  ask?: Ask;
  signal?: AbortSignal;
}): Promise<Answer> {
  return permit(tool(effect), { sides: 6 }, { permissionMode: mode, ask, signal });
}

test("reading and editing the worktree need no permission", async () => {
  const never: Ask = () => Promise.reject(new Error("nobody was to be asked"));
  expect(await decide({ effect: "read", ask: never })).toEqual({ allow: true });
  expect(await decide({ effect: "edit", ask: never })).toEqual({ allow: true });
});

test("what may do anything is asked about", async () => {
  const asked: unknown[] = [];
  const ask: Ask = async (question) => {
    asked.push(question);
    return { allow: false, reason: "not today" };
  };
  expect(await decide({ effect: "execute", ask })).toEqual({ allow: false, reason: "not today" });
  expect(asked).toEqual([{ type: "permission", tool: "T", input: { sides: 6 } }]);
});

test("where nobody can be asked it is denied", async () => {
  expect(await decide({ effect: "execute" })).toEqual({ allow: false, reason: "nobody is there to be asked" });
});

test("bypassPermissions asks nothing", async () => {
  expect(await decide({ effect: "execute", mode: "bypassPermissions" })).toEqual({ allow: true });
});

test("an interruption does not wait for an answer", async () => {
  const interruption = new AbortController();
  const answer = decide({ effect: "execute", ask: () => new Promise(() => {}), signal: interruption.signal });
  interruption.abort(new Error("enough"));
  await expect(answer).rejects.toThrow("enough");
  await expect(
    decide({ effect: "execute", ask: () => new Promise(() => {}), signal: AbortSignal.abort(new Error("before")) }),
  ).rejects.toThrow("before");
});

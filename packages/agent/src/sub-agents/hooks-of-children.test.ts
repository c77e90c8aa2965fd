import { expect, test } from "vitest";
import type { HookSetting } from "../settings/load-settings.ts";
import { agentCall, Cast } from "./cast-fixture.ts";

const hook = (event: HookSetting["event"], command: string): HookSetting => ({
  ...{ event, command, matcher: undefined, timeout: undefined, isRepository: false },
});

/** Says no the first time that it is asked. */
const notYet = `grep -q '"stop_hook_active":true' || { echo "Say it louder." >&2; exit 2; }`;

test("a sub-agent's beginning and end have hooks of their own: one tells it something, one has it go on", async () => {
  const parts = {
    Begin: [{ calls: [agentCall("Say it")] }, { text: "So be it." }],
    "Say it": [{ text: "Done." }, { text: "DONE." }],
  };
  await using cast = await Cast.of(parts, { "a.txt": "a\n" });
  const hooks = [hook("SubagentStart", "echo Be polite."), hook("SubagentStop", notYet)];
  await using agent = await cast.start({ hooks });
  expect(await agent.run("Begin")).toMatchObject({ stop: "done", text: "So be it.", replies: 2 });

  const [first, second] = cast.sentTo("Say it");
  expect(first?.messages[0]?.text).toContain("[Be polite.]");
  expect(second?.messages.at(-1)?.text).toContain("A hook says that it is not done: Say it louder.");
  expect(cast.toldTo("Begin")[0]).toContain("DONE.");
  expect(cast.sentTo("Begin")[0]?.messages[0]?.text).toBe("Begin");
  cast.expectAllTaken();
});

test("hooks at the beginning and the end of a person's session and turns are not run for a sub-agent", async () => {
  await using cast = await Cast.of(
    { Begin: [{ calls: [agentCall("Say it")] }, { text: "So be it." }], "Say it": [{ text: "Done." }] },
    { "a.txt": "a\n" },
  );
  await using agent = await cast.start({ hooks: [hook("SessionStart", "echo Be polite."), hook("Stop", notYet)] });
  await agent.run("Begin");
  expect(cast.sentTo("Say it")).toHaveLength(1);
  expect(cast.sentTo("Say it")[0]?.messages[0]?.text).toBe("Say it");
});

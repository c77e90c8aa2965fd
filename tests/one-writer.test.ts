import { expect, test } from "vitest";
import { story } from "./story.ts";

const stalls = { stall: true as const, text: "Once" };
const streamed = ["--output-format", "stream-json", "--include-partial-messages"];

test("a second program is told who holds the branch, and can fork instead", async () => {
  await using bough = await story({ script: [{ text: "Hello." }, stalls, { text: "Beside it." }] });
  await bough.run("-p", "Hi", "-m", bough.model, "--branch", "talk");
  const first = bough.start("-p", "Tell a story", "--resume", "bough/talk", ...streamed);
  await first.printed('"Once"');

  const commands = [
    ["-p", "And me?", "--resume", "bough/talk"],
    ["-p", "And me?", "--continue"],
    ["merge", "main", "--into", "bough/talk"],
  ];
  for (const command of commands) {
    const { code, stdout, stderr } = await bough.run(...command);
    expect([code, stdout]).toEqual([42, ""]);
    expect(stderr).toMatch(new RegExp(`^bough: bough/talk is open in process ${first.child.pid} on this host `));
    expect(stderr).toContain('work beside it on a fork: bough branch --from bough/talk "<prompt>"');
  }
  const fork = await bough.run("branch", "--from", "bough/talk", "--rev", "2", "And me?");
  expect(fork).toMatchObject({ code: 0, stdout: "Beside it.\n" });
  expect(bough.server.requests.at(-1)?.messages.map(({ text }) => text)).toEqual(["Hi", "Hello.", "And me?"]);

  first.child.kill("SIGINT");
  expect((await first.ended).code).toBe(130);
});

test("what a killed program had open is gone on with at once", async () => {
  await using bough = await story({ script: [stalls, { text: "I am back." }] });
  const first = bough.start("-p", "Tell a story", "-m", bough.model, "--branch", "tale", ...streamed);
  await first.printed('"Once"');
  first.child.kill("SIGKILL");
  await first.ended;
  expect(await bough.run("sessions", "--json")).toMatchObject({ stdout: expect.stringContaining('"interrupted"') });
  expect(await bough.run("-p", "Go on", "--continue")).toMatchObject({ code: 0, stdout: "I am back.\n" });
});

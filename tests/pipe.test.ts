import { once } from "node:events";
import { expect, test } from "vitest";
import { story } from "./story.ts";

const steps = [
  { text: "I write.", calls: [{ name: "Write", input: { file_path: "a.txt", content: "a\n" } }] },
  { text: "It is written." },
];

test("what is piped in follows the prompt", async () => {
  await using bough = await story({ script: [{ text: "It looks right." }] });
  const { code, stdout } = await bough.runWith({ input: "-old\n+new\n" }, "-p", "Review this");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "It looks right.\n" });
  expect(bough.server.requests[0]?.messages).toEqual([{ role: "user", text: "Review this\n\n-old\n+new" }]);
});

test("without an argument the prompt is what is piped in", async () => {
  await using bough = await story({ script: [{ text: "Hello." }] });
  expect(await bough.runWith({ input: "Say hello\n" }, "-p")).toMatchObject({ code: 0, stdout: "Hello.\n" });
  expect(bough.server.requests[0]?.messages).toEqual([{ role: "user", text: "Say hello" }]);
});

test("neither an argument nor input is a usage error, and nobody is asked", async () => {
  await using bough = await story();
  expect(await bough.runWith({ input: " \n" }, "-p")).toEqual({
    code: 2,
    stdout: "",
    stderr: 'bough: The prompt is empty. Give it as an argument (bough -p "<prompt>") or pipe it in.\n',
  });
  expect(bough.server.requests).toEqual([]);
});

test("an answer that nobody reads is kept all the same", async () => {
  await using bough = await story({ script: steps });
  const running = bough.start("-p", "Write", "-m", bough.model, "--branch", "work");
  running.child.stdout.destroy();
  const { code, stderr } = await running.ended;
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: "bough/work: 1 file changed, 1 insertion(+). Land it: bough land bough/work\n",
  });
  expect(await bough.git("log", "-1", "--format=%s", "bough/work")).toBe("It is written");
});

test("when a reader of events has seen enough the turn ends in order", async () => {
  await using bough = await story({ script: [{ stall: true, text: "Once" }, { text: "Yes." }] });
  const running = bough.start(
    "-p",
    "Tell",
    "--branch",
    "work",
    "--output-format",
    "stream-json",
    "--include-partial-messages",
  );
  await once(running.child.stdout, "data");
  running.child.stdout.destroy();
  const { code, stderr } = await running.ended;
  expect(code).toBe(130);
  expect(stderr).not.toContain("EPIPE");
  expect(stderr).toContain("bough/work: no files changed.");
  expect(await bough.run("-p", "-c", "Go on")).toMatchObject({ code: 0, stdout: "Yes.\n" });
});

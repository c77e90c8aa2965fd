import type { RecordedRequest } from "@bough/test-kit";
import { expect, test } from "vitest";
import { story } from "./story.ts";

/** Reads a long file in every turn, and sums up when it is asked to. */
function script({ messages }: RecordedRequest) {
  const last = messages.at(-1);
  if (last?.text?.includes("no room for the whole conversation") === true) return { text: "They like herons." };
  if (last?.results !== undefined) return { text: "I have read it." };
  return { text: "I read.", calls: [{ name: "Read", input: { file_path: "long.txt" } }] };
}

test("what is summarized is told in the log, the step, the transcript and the lines of a run", async () => {
  const files = {
    "long.txt": "A line of a file that is long.\n".repeat(500),
    "small.json": JSON.stringify({ context: { window: 6000, shortenAt: 0.3, summarizeAt: 0.5 } }),
  };
  await using bough = await story({ files, script });
  const turn = (...args: string[]) => bough.run("-p", "Herons", "--config", "small.json", ...args);
  await turn("--branch", "long");
  await turn("--continue");
  const { code, stdout } = await turn("--continue", "--output-format", "stream-json");
  expect(code).toBe(0);
  const lines: Record<string, unknown>[] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ subtype }) => subtype === "compact_boundary")).toMatchObject([
    { type: "system", compact_metadata: { trigger: "auto", pre_tokens: expect.any(Number), first_step: 0 } },
  ]);
  expect((await bough.run("log", "bough/long")).stdout).toMatch(/│ {12}summarized steps 0–\d/);
  expect((await bough.run("show", "bough/long")).stdout).toMatch(/Summary of steps 0–\d:\n {2}They like herons\./);
  expect((await bough.run("export", "bough/long")).stdout).toMatch(/<summary>Summary of steps 0–\d<\/summary>/);
  expect(bough.server.requests.flatMap(({ refused }) => refused ?? [])).toEqual([]);
});

import { expect, test } from "vitest";
import { story } from "./story.ts";

test("doctor --live asks the model one small thing, keeps nothing of it, and never says the key", async () => {
  await using bough = await story({ script: [{ text: "ready" }] });
  const before = await bough.repository.fingerprint();
  const { code, stdout } = await bough.run("doctor", "--live");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ready +model +anthropic\/\S+ \(from ANTHROPIC_API_KEY\), key in ANTHROPIC_API_KEY$/m);
  expect(stdout).toMatch(/^ready +answer +anthropic\/\S+ answered after \d+ ms/m);
  expect(stdout).not.toContain("a-key");
  expect(bough.server.requests).toHaveLength(1);
  expect(await bough.repository.fingerprint()).toBe(before);
  expect(await bough.git("for-each-ref", "refs/heads/bough", "refs/bough")).toBe("");
});

test("a key that the provider refuses is blocked, and the exit code says so", async () => {
  await using bough = await story({ script: [{ status: 401 }] });
  const { code, stdout } = await bough.run("doctor", "--live", "--json");
  expect(code).toBe(42);
  expect(JSON.parse(stdout)).toContainEqual({
    name: "answer",
    state: "blocked",
    message: expect.stringMatching(/refused the key.*Check ANTHROPIC_API_KEY/),
  });
});

test("without --live the model is not asked", async () => {
  await using bough = await story();
  expect(await bough.run("doctor")).toMatchObject({ code: 0 });
  expect(bough.server.requests).toEqual([]);
});

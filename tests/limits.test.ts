import { expect, test } from "vitest";
import { story } from "./story.ts";

/** Of which a reply costs 75 cents at the price of the model that is named below. */
const dear = { input: 100_000, output: 30_000 };
const script = [
  { text: "I read.", calls: [{ name: "Read", input: { file_path: "README.md" } }], usage: dear },
  { text: "That is all.", usage: dear },
];

test("--max-cost is kept before a request is sent, ends with 53, and says how to go on", async () => {
  await using bough = await story({ script });
  const args = ["-p", "Read", "--branch", "work", "-m", "anthropic/claude-sonnet-4-5", "--max-cost", "0.80"];
  const { code, stdout, stderr } = await bough.run(...args, "--output-format", "json");
  expect(code).toBe(53);
  expect(JSON.parse(stdout)).toMatchObject({
    subtype: "error_max_budget_usd",
    stop_reason: "cost-limit",
    num_turns: 1,
    total_cost_usd: expect.any(Number),
    errors: ["Stopped at the limit of $0.80 a turn"],
  });
  expect(bough.server.requests).toHaveLength(1);
  expect(stderr).toContain(
    'bough: Stopped at the limit of $0.80 a turn. Go on with as much again: bough -p -r bough/work --max-cost 0.8 "Go on"\n',
  );
  expect(stderr).toMatch(/^bough\/work: no files changed, for \$0\.\d\d\. See it: bough log bough\/work$/m);

  expect(await bough.run("-p", "-r", "bough/work", "Go on")).toMatchObject({ code: 0, stdout: "That is all.\n" });
  const { stdout: sessions } = await bough.run("sessions", "--json");
  expect(JSON.parse(sessions)).toMatchObject([{ cost: expect.any(Number) }]);
});

test("what a session costs is in log, show and sessions", async () => {
  await using bough = await story({ script });
  await bough.run("-p", "Read", "--branch", "work");
  for (const command of ["log", "show", "sessions"]) {
    const { stdout } = await bough.run(command, ...(command === "sessions" ? [] : ["bough/work"]));
    expect(stdout).toMatch(/\$\d+\.\d\d/);
  }
});

test("--max-cost is refused where the price is not known, and nothing is begun", async () => {
  await using bough = await story({ script, provider: "openai-compatible" });
  const { code, stderr } = await bough.run("-p", "Read", "-m", bough.model, "--max-budget-usd", "2");
  expect(code).toBe(2);
  expect(stderr).toBe(
    "bough: The price of openai-compatible/local is not known, so its cost cannot be limited (--max-cost). Limit its replies (--max-turns) or its time (--max-time) instead, or name another model.\n",
  );
  expect(bough.server.requests).toEqual([]);
  expect(await bough.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
});

test("where the price is not known the cost is null", async () => {
  await using bough = await story({ script: [{ text: "Yes." }], provider: "openai-compatible" });
  const { stdout } = await bough.run("-p", "Hi", "-m", bough.model, "--output-format", "json");
  expect(JSON.parse(stdout)).toMatchObject({ subtype: "success", total_cost_usd: null });
});

test.each(["0", "-1", "two", "1e3", "1,50", ""])("--max-cost=%s is refused", async (amount) => {
  await using bough = await story();
  const { code, stderr } = await bough.run("-p", "Hi", `--max-cost=${amount}`);
  expect(code).toBe(2);
  expect(stderr).toContain("--max-cost takes an amount of US dollars above 0, as in 2 or 0.50");
});

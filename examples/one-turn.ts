// One turn on a branch of its own: the answer as it comes, then where the work is.
import { Agent } from "@bough/agent";

const prompt = process.argv[2] ?? "Say in two sentences what this project is for.";
const model = process.env.BOUGH_MODEL ?? "anthropic/claude-sonnet-4-5";

await using agent = await Agent.start({ cwd: ".", model, topic: prompt });
const turn = await agent.run(prompt, {
  onEvent: (event) => event.type === "text-delta" && process.stdout.write(event.text),
});

console.log(`\n\n${agent.branch}: ${turn.stop}, ${(await agent.diffstat()) || "no file changed"}`);
if (turn.cost !== undefined) console.log(`It cost $${turn.cost.toFixed(4)}.`);
if (turn.stop !== "done") console.log(turn.error?.message ?? turn.why ?? "");

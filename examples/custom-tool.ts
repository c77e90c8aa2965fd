// A custom tool: the model can ask for what only this program knows.
import { Agent, defineTool } from "@bough/agent";
import { z } from "zod";

const stock = new Map([
  ["nails", 1200],
  ["hammers", 0],
]);

const lookUp = defineTool({
  name: "Stock",
  description: "Says how many of an article are in stock.",
  input: z.object({ article: z.string().describe("Its name in the plural, like nails.") }),
  effect: "read",
  execute: async ({ article }) => {
    const count = stock.get(article);
    // What it throws the model is told, so that it can do better.
    if (count === undefined)
      throw new Error(`There is no article ${article}. Articles: ${[...stock.keys()].join(", ")}.`);
    return { text: `${count} ${article}` };
  },
});

const prompt = process.argv[2] ?? "Which articles of nails and hammers are out of stock? Write them into ORDER.md.";
const model = process.env.BOUGH_MODEL ?? "anthropic/claude-sonnet-4-5";

await using agent = await Agent.start({ cwd: ".", model, topic: "order", tools: [lookUp, "Write"] });
const turn = await agent.run(prompt, {
  onEvent: (event) => event.type === "tool-end" && console.log(`${event.name}: ${event.text}`),
});
console.log(`${turn.text}\n${agent.branch}: ${await agent.diffstat()}`);

// A read-only reviewer after a coder: one writes, the other can only read, and the first mends what the second finds.
import { Agent } from "@bough/agent";

const task = process.argv[2] ?? "Add a function that parses a duration such as 1h30m, with a test";
const model = process.env.BOUGH_MODEL ?? "anthropic/claude-sonnet-4-5";
const system = "You review another agent's work. Say what is wrong and where, or answer with the one word FINE.";

await using coder = await Agent.start({ cwd: ".", model, topic: task });
await coder.run(task);

for (let round = 1; round <= 3; round += 1) {
  // A fork has the coder's files and conversation; it is given nothing to write with.
  const tools = ["Read", "Grep", "Find", "Ls"];
  await using reviewer = await Agent.fork({ cwd: ".", from: coder.branch, model, system, tools });
  const { text } = await reviewer.run(`Review what was done for: ${task}`);
  console.log(`${reviewer.branch}: ${text}`);
  if (text.trim() === "FINE") break;
  await coder.run(`A reviewer says:\n\n${text}`);
}
console.log(`${coder.branch}: ${await coder.diffstat()}`);

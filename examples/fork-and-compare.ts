// Fork and compare: the same task in two ways from the same state, side by side, and the better one landed by hand.
import { Agent } from "@bough/agent";

const task = process.argv[2] ?? "Add a script that counts the lines of this project";
const [one, other] = [process.argv[3] ?? "as a shell script", process.argv[4] ?? "in JavaScript"];
const model = process.env.BOUGH_MODEL ?? "anthropic/claude-sonnet-4-5";

await using first = await Agent.start({ cwd: ".", model, topic: task });
const inOneWay = await first.run(`${task}, ${one}.`);

// From before the first prompt: nothing of the first way is in its files or in its conversation.
await using second = await first.fork({ rev: 1 });
const inAnother = await second.run(`${task}, ${other}.`);

console.log(`${first.branch}: ${await first.diffstat()}, in ${inOneWay.replies} replies`);
console.log(`${second.branch}: ${await second.diffstat()}, in ${inAnother.replies} replies`);
console.log(`Compare them: git diff ${first.branch} ${second.branch}`);
console.log(`Take one:     bough land ${second.branch}`);

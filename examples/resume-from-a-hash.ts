// Resume from a hash: any commit of a session is a moment to go on from, with its files and its conversation.
import { Agent } from "@bough/agent";

const model = process.env.BOUGH_MODEL ?? "anthropic/claude-sonnet-4-5";

/** Makes a session of two turns and gives the commit of the first. */
async function commitOfNewSession() {
  await using agent = await Agent.start({ cwd: ".", model, topic: "a word", tools: ["Read", "Write"] });
  const first = await agent.run("Write the name of a bird into WORD.txt, and say which.");
  await agent.run("Now the name of a tree instead.");
  return first.commit;
}

const rev = process.argv[2] ?? (await commitOfNewSession());
const prompt = process.argv[3] ?? "Which word is in the file?";

// The branch has gone on since, so this is a fork of it; from a branch's last commit it is the session itself.
await using agent = await Agent.resume({ cwd: ".", rev });
const { lastTurn } = await agent.transcript();
const turn = await agent.run(prompt);
console.log(`${agent.branch} goes on from ${rev.slice(0, 7)}, after turn ${lastTurn}, on ${agent.model}.`);
console.log(turn.text);

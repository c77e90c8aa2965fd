// Parallel workers and a reducer: a task each on forks of one branch, merged, and put together by one more turn.
import { Agent, Budget } from "@bough/agent";

const tasks =
  process.argv.length > 2
    ? process.argv.slice(2)
    : ["Describe the layout of this project in LAYOUT.md", "Describe how to test this project in TESTING.md"];
const model = process.env.BOUGH_MODEL ?? "anthropic/claude-sonnet-4-5";

await using lead = await Agent.start({ cwd: ".", model, topic: "workers" });
const budget = new Budget({ replies: 60, seconds: 900 }); // what all of them together may take

async function work(worker: Agent, task: string) {
  try {
    const turn = await worker.run(task, { budget });
    return { worker, task, turn };
  } finally {
    await worker.close({ worktree: "remove-when-safe" });
  }
}

const working: ReturnType<typeof work>[] = [];
for (const task of tasks) working.push(work(await lead.fork(), task));

const reports: string[] = [];
for (const { worker, task, turn } of await Promise.all(working)) {
  const merged = await lead.merge(worker);
  console.log(`${worker.branch}: ${turn.stop}, ${merged.type}`);
  reports.push(`${task}: ${turn.text}${merged.type === "conflict" ? ` (It conflicts: ${worker.branch}.)` : ""}`);
}

const reduced = await lead.run(`Others did this, and it is merged. Make one whole of it:\n\n${reports.join("\n\n")}`, {
  budget,
});
console.log(`${lead.branch}: ${reduced.text}`);

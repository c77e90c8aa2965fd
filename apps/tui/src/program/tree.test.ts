import { Agent } from "@bough/agent";
import { Repository, readLog } from "@bough/gitstate";
import { scriptedModel } from "@bough/models";
import { type TemporaryRepository, temporaryRepository } from "@bough/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { filterTree, type TreeBranch, type TreeFork, treeOf } from "./tree.ts";

let repository: TemporaryRepository;

beforeEach(async () => {
  repository = await temporaryRepository({ enter: true, files: { "a.txt": "one\n" } });
});

afterEach(() => repository[Symbol.asyncDispose]());

const write = (path: string) =>
  ({ content: [{ type: "call", id: path, name: "Write", input: { file_path: path, content: "x\n" } }] }) as const;

/** The tree as lines: a branch, its turns, and below them what forks it. */
function drawn(branches: readonly (TreeBranch | TreeFork)[], indent = ""): string[] {
  return branches.flatMap((branch) => [
    `${indent}${branch.branch}${"after" in branch ? ` after ${branch.after}` : ""}`,
    ...branch.turns.map(({ turn, prompt, files, isRewound, merged, hasLanded }) =>
      [
        `${indent}  ${turn} ${prompt}`,
        ...files.map(({ path }) => path),
        ...(isRewound ? ["(rewound)"] : []),
        ...merged.map((name) => `< ${name}`),
        ...(hasLanded ? ["(landed)"] : []),
      ].join(" "),
    ),
    ...drawn(branch.forks, `${indent}    `),
  ]);
}

test("turns are nodes below their branch, with what forks it, what was merged, rewound and landed", async () => {
  const model = scriptedModel(["One.", write("b.txt"), "Two.", write("c.txt"), "Three.", "Four."]);
  await using agent = await Agent.start({ cwd: repository.path, model, branch: "first" });
  await agent.run("first");
  await using fork = await agent.fork();
  await fork.run("add b");
  await agent.run("add c");
  await agent.merge(fork);
  await agent.land();
  await agent.run("fourth");
  await agent.rewind();
  const tree = treeOf(await readLog(await Repository.open(repository.path), { all: true }));
  expect(drawn(tree)).toEqual([
    "bough/first",
    "  1 first",
    "  2 add c c.txt < bough/first.1 (landed)",
    "  3 fourth (rewound)",
    "    bough/first.1 after 1",
    "      2 add b b.txt",
  ]);
  expect(drawn(filterTree(tree, "ADD B"))).toEqual(["bough/first", "    bough/first.1 after 1", "      2 add b b.txt"]);
  expect(filterTree(tree, "nothing of that")).toEqual([]);
});

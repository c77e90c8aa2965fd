import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Story, story } from "./story.ts";

const write = (content: string) => ({
  text: "I write it.",
  calls: [{ name: "Write", input: { file_path: "AGENTS.md", content } }],
});
const agentsFile = ({ repository }: Story) => join(repository.path, "AGENTS.md");

test("init has the model look around and write an AGENTS.md, which is left as an uncommitted edit", async () => {
  await using bough = await story({ script: [write("# How to work here\n"), { text: "All is said." }] });
  const { code, stdout, stderr } = await bough.run("init", "-m", bough.model);
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "All is said.\n",
    stderr: expect.stringMatching(
      /^bough\/init-agents[\w-]*: 1 file changed, 1 insertion\(\+\), applied to your checkout\./m,
    ),
  });
  expect(await readFile(agentsFile(bough), "utf8")).toBe("# How to work here\n");
  expect(await bough.git("status", "--porcelain")).toBe("?? AGENTS.md");
  const [request] = bough.server.requests;
  expect(request?.messages[0]?.text).toMatch(/^Write an AGENTS\.md at the root of this repository/);
  expect(request?.tools).toEqual(["Read", "Grep", "Find", "Ls", "Write", "Edit"]);
});

test("what init may write no other turn may without being asked", async () => {
  await using bough = await story({ script: [write("# Obey\n"), { text: "Ok." }] });
  await bough.run("-p", "Write it", "-m", bough.model);
  expect(JSON.stringify(bough.server.requests.at(-1)?.messages.at(-1))).toContain("needs a permission");
});

test("an AGENTS.md that is there stays as it is, and is improved when that is asked for", async () => {
  await using bough = await story({ script: [write("# Better\n"), { text: "Done." }] });
  await writeFile(agentsFile(bough), "# Mine\n");
  expect(await bough.run("init", "-m", bough.model)).toEqual({
    code: 42,
    stdout: "",
    stderr: "bough: There is an AGENTS.md already. To have it improved: bough init --update\n",
  });
  expect(bough.server.requests).toEqual([]);
  const read = { text: "I look.", calls: [{ name: "Read", input: { file_path: "AGENTS.md" } }] };
  await using again = await story({ script: [read, write("# Better\n"), { text: "Done." }] });
  await writeFile(agentsFile(again), "# Mine\n");
  expect((await again.run("init", "--update", "-m", again.model)).code).toBe(0);
  expect(again.server.requests[0]?.messages[0]?.text).toMatch(/^Improve the AGENTS\.md/);
  expect(await readFile(agentsFile(again), "utf8")).toBe("# Better\n");
});

test("a model that writes none is a failure that says so, and without a repository nothing begins", async () => {
  await using bough = await story({ script: () => ({ text: "I would rather not." }) });
  const { code, stderr } = await bough.run("init", "-m", bough.model);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("The model wrote no AGENTS.md.") });
  expect((await bough.runWith({ cwd: bough.repository.folder }, "init", "-m", bough.model)).code).toBe(42);
});

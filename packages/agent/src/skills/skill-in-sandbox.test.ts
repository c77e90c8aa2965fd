import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { scriptedModel } from "@bough/models";
import { detectSandbox } from "@bough/sandbox";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "../agent.ts";
import { loadSkills } from "./load-skills.ts";

const hasSandbox = (await detectSandbox()).kind !== "none";

test.runIf(hasSandbox)(
  "commands find the files of a skill of the user's own, change none, and see nothing beside it",
  async () => {
    await using repository = await temporaryRepository({ files: { "a.txt": "a\n" }, enter: true });
    const folder = join(repository.folder, "home/.agents/skills/greet");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "SKILL.md"), "---\nname: greet\ndescription: Greets\n---\n");
    await writeFile(join(folder, "run.sh"), "echo greeted\n");
    await writeFile(join(folder, "../private.txt"), "private");
    const command = `sh ${folder}/run.sh; echo x > ${folder}/new; cat ${folder}/../private.txt`;
    const model = scriptedModel([{ content: [{ type: "call", id: "1", name: "Bash", input: { command } }] }, "Done."]);
    const { skills } = await loadSkills({ cwd: repository.path });
    await using agent = await Agent.start({ cwd: repository.path, model, skills });
    await agent.run("Greet");
    const result = JSON.stringify(model.requests[1]?.messages.at(-1));
    expect(result).toMatch(/greeted.*Read-only file system.*No such file or directory/);
    expect(result).not.toContain("private\\n");
  },
);

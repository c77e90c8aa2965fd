import { resolve } from "node:path";
import { loadAgentFile } from "@bough/agent";
import { ExitError, exitCode, UsageError } from "../../exit-code.ts";
import { answer, type SlashCommand } from "./command.ts";

/** Makes the agent of a tab what a file says, in the middle of a conversation. */
export const configCommand = {
  name: "config",
  synopsis: "<file>",
  help: "Go on as an agent file says: its model, system prompt, tools and permission mode, from the next turn on",
  completes: "file",
  async run(call) {
    const { program, tab, words } = call;
    const [path, ...more] = words;
    if (path === undefined || more.length > 0) throw new UsageError("Name one agent file.");
    const file = await loadAgentFile(resolve(program.cwd, path));
    if (file === undefined) {
      const wants = "An agent file is YAML or JSON with a system prompt, tools or a permission mode.";
      throw new ExitError(exitCode.badInput, `${path} is not there, or is no agent file. ${wants}`);
    }
    await program.configure(tab, file);
    const said = Object.entries({
      model: file.model,
      "system prompt": file.system === undefined ? undefined : "that of the file",
      tools: file.tools?.join(", "),
      permissions: file.permissionMode,
    }).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
    answer(call, said.length === 0 ? "The file changes nothing." : said.join("\n"));
  },
} as const satisfies SlashCommand;

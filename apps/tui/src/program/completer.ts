import { listFiles, permissionModes } from "@bough/agent";
import { listBranches, Repository } from "@bough/gitstate";
import { knownModelNames } from "@bough/models";
import { type Candidate, complete } from "./complete.ts";
import type { Program } from "./program.ts";
import type { Completes, SlashCommand } from "./slash/command.ts";
import { commandsOf, knownCommands } from "./slash-commands.ts";
import type { Tab } from "./tab.ts";

type Kind = Exclude<Completes, "command">;

/** Completes what is typed in the tabs of a program. What is there is looked up once for a word, however it grows. */
export class Completer {
  readonly #program: Program;
  readonly #known = new Map<Kind, { readonly word: string; readonly values: Promise<readonly string[]> }>();

  #commands: { readonly word: string; readonly values: Promise<readonly SlashCommand[]> } | undefined;

  constructor(program: Program) {
    this.#program = program;
  }

  /** Finds what the word before the cursor can become, the likeliest first; what cannot be looked up is no candidate. */
  async complete(tab: Tab, text: string, cursor: number): Promise<readonly Candidate[]> {
    // The same word has the same place in the same tab.
    const word = `${tab.id} ${text.slice(0, cursor).search(/\S*$/)} ${tab.transcript.version}`;
    return complete(text, cursor, {
      commands: text.startsWith("/") ? await this.#commandsFor(word) : [],
      values: (kind) => {
        const known = this.#known.get(kind);
        if (known?.word === word) return known.values;
        const values = this.#look(kind, tab).catch(() => []);
        this.#known.set(kind, { word, values });
        return values;
      },
    });
  }

  #commandsFor(word: string): Promise<readonly SlashCommand[]> {
    if (this.#commands?.word !== word) {
      const own = () => commandsOf(this.#program.front);
      const values = knownCommands(this.#program).then(({ commands }) => commands, own);
      this.#commands = { word, values };
    }
    return this.#commands.values;
  }

  async #look(kind: Kind, tab: Tab): Promise<readonly string[]> {
    const { cwd, tabs } = this.#program;
    switch (kind) {
      case "branch":
        return listBranches(await Repository.open(cwd));
      case "file":
        return listFiles(await folderOf(tab, cwd));
      case "mode":
        return permissionModes;
      case "model":
        return knownModelNames();
      case "tab":
        return ["new", ...tabs.map(({ name }) => name)];
      default:
        return kind satisfies never;
    }
  }
}

/** A tab without a session begins with what is in the checkout. */
async function folderOf({ agent }: Tab, cwd: string): Promise<string> {
  if (agent === undefined) return (await Repository.open(cwd)).root;
  await agent.ready();
  return agent.worktree;
}

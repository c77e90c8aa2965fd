import {
  Agent,
  AgentError,
  type AgentEvent,
  type AgentOptions,
  type Ask,
  contextSources,
  type PermissionMode,
  type Rules,
  type StartOptions,
  type SubAgent,
} from "@bough/agent";
import { Repository, readTranscript } from "@bough/gitstate";
import { openModel } from "@bough/models";
import type { Output } from "../streams.ts";
import { entriesOf } from "../transcript/entries-of.ts";
import { farewell } from "./farewell.ts";
import type { Front } from "./front.ts";
import { submit } from "./submit.ts";
import { type Followed, Tab } from "./tab.ts";

/** What a command's answer is laid out for. */
export type ProgramPage = Output & { readonly columns: number };

/** What the program is run with. */
export interface ProgramOptions {
  /** How every agent is opened; the model is the one that new sessions run on, unless given that of the first session. */
  readonly agent: AgentOptions;
  /** How the session of the first tab is started. */
  readonly first?: NewSession;
  /** What is in front can do, beside showing what there is. */
  readonly front?: Front;
  /** Says what answers of commands are laid out for; a terminal of 100 columns unless told. */
  page?(): Pick<Output, "isTTY" | "columns">;
  /** Called after every change of what there is to show. */
  onChange(): void;
  now?(): number;
}

/** How a session is started: its branch's name, and whether uncommitted work is left aside. */
export type NewSession = Pick<StartOptions, "branch" | "clean">;

/** What can be changed of how the agent in a tab works. */
export type TabConfiguration = Pick<AgentOptions, "permissionMode" | "system" | "tools"> & { readonly model?: string };

/** The moment a fork leaves its session at: before its nth prompt, or after a revision; without either from now. */
export interface ForkMoment {
  readonly before?: number;
  readonly after?: string;
}

/** All that a person works with, drawn or not: the tabs, and which of them is looked at. */
export class Program implements AsyncDisposable {
  readonly #options: ProgramOptions;
  /** What new sessions are started with. */
  #agent: AgentOptions;
  #tabs: Tab[] = [];
  #active: Tab;
  #opened = 0;

  /** Begins with one tab, whose session starts with its first prompt. */
  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#agent = options.agent;
    this.#active = this.newTab(options.first);
  }

  get tabs(): readonly Tab[] {
    return this.#tabs;
  }

  /** The tab that is looked at. */
  get active(): Tab {
    return this.#active;
  }

  /** A folder in the repository. */
  get cwd(): string {
    return this.#agent.cwd;
  }

  /** What is in front can do. */
  get front(): Front {
    return this.#options.front ?? {};
  }

  /** What answers of commands are laid out for. */
  get page(): ProgramPage {
    const { isTTY = true, columns = 100 } = this.#options.page?.() ?? {};
    return { isTTY, columns, write: () => {} };
  }

  /** What agents are allowed, asked about and denied by the settings. */
  get rules(): Rules {
    return this.#agent.rules ?? { allow: [], ask: [], deny: [] };
  }

  /** How new sessions are started. */
  get agent(): AgentOptions {
    return this.#agent;
  }

  /** The model that answers in a tab. */
  modelOf(tab: Tab): string {
    const { model } = this.#agent;
    return tab.agent?.model ?? (typeof model === "string" ? model : (model?.name ?? "no model"));
  }

  /** What the agent in a tab may do without asking. */
  permissionModeOf(tab: Tab): PermissionMode {
    return tab.agent?.permissionMode ?? this.#agent.permissionMode ?? "default";
  }

  /** Does what was typed in a tab: a prompt, a command of the program's, or one of the user's own. */
  submit(tab: Tab, text: string): Promise<void> {
    return submit(this, tab, text);
  }

  /** Changes how the agent in a tab works from its next turn on; before it has a session, how new ones start. */
  async configure(tab: Tab, { model, permissionMode, system, tools }: TabConfiguration): Promise<void> {
    const { apiKey, baseUrl, env } = this.#agent;
    // A key and an address are a provider's.
    const isSameProvider = model?.split("/", 1)[0] === this.modelOf(tab).split("/", 1)[0];
    const address = isSameProvider ? { apiKey, baseUrl } : { apiKey: undefined, baseUrl: undefined };
    const changes = {
      ...(model === undefined ? {} : { model, ...address }),
      ...(permissionMode === undefined ? {} : { permissionMode }),
      ...(system === undefined ? {} : { system }),
      ...(tools === undefined ? {} : { tools }),
    };
    const { agent } = tab;
    if (agent !== undefined) await tab.work(() => agent.configure(changes));
    else {
      if (model !== undefined) openModel(model, { env: { ...env, ...process.env }, ...address });
      // A tool that there is not is told of now, and not with the first prompt.
      if (tools !== undefined) await contextSources({ ...this.#agent, ...changes });
      this.#agent = { ...this.#agent, ...changes };
    }
    this.#options.onChange();
  }

  /** Shows what was said in a tab as its branch holds it now. */
  async reload(tab: Tab): Promise<void> {
    if (tab.agent === undefined) return;
    const transcript = await readTranscript(await Repository.open(this.cwd), tab.agent.branch);
    tab.transcript.clear();
    for (const entry of entriesOf(transcript)) tab.transcript.add(entry);
    this.#options.onChange();
  }

  /** Opens a tab for a new session, and looks at it. */
  newTab(session: NewSession = {}): Tab {
    const open = async (ask: Ask, topic: string) =>
      Agent.start({ ...this.#agent, ...session, model: this.#modelOfNew(), ask, topic });
    return this.#show(this.#make({ open }));
  }

  /**
   * Opens a session in a tab, with what was said in it so far; one that is open already is looked at. It goes on with the
   * model it ran on, unless another is given.
   */
  async resume(revision?: string, { model }: Pick<AgentOptions, "model"> = {}): Promise<Tab> {
    const open = this.#tabs.find(({ name }) => name === revision || `bough/${name}` === revision);
    if (open !== undefined) return this.look(open);
    const again = model === undefined ? this.#again : { ...this.#again, model };
    return this.#openAgent((ask) => Agent.resume({ ...again, ask, rev: revision }));
  }

  /** Forks the session of a tab into a tab of its own. */
  async fork(tab: Tab, moment: ForkMoment = {}): Promise<Tab> {
    if (tab.agent === undefined) throw new Error("There is nothing to fork yet: this tab has no session.");
    return this.forkBranch(tab.agent.branch, moment);
  }

  /** Forks the session of a branch, open or not, into a tab of its own. */
  async forkBranch(from: string, moment: ForkMoment = {}): Promise<Tab> {
    const parent = this.#tabs.find(({ agent }) => agent?.branch === from);
    return this.#openAgent((ask) => Agent.fork({ ...this.#again, ask, from, ...moment }), parent);
  }

  /** Looks at a tab. */
  look(tab: Tab): Tab {
    this.#active = tab;
    tab.look();
    this.#options.onChange();
    return tab;
  }

  /** Looks at the tab that is so many places further, around the end. */
  lookNext(places: number): Tab {
    const { length } = this.#tabs;
    const at = this.#tabs.indexOf(this.#active) + places;
    return this.look(this.#tabs[((at % length) + length) % length] ?? this.#active);
  }

  /**
   * Takes a tab away once its agent has let go, and archives its branch, which is said; the last one makes place for a
   * new one, and its branch stays.
   */
  async close(tab: Tab): Promise<void> {
    const told = this.#tabs.length > 1 ? await archived(tab) : undefined;
    await tab.close();
    const at = this.#tabs.indexOf(tab);
    this.#tabs = this.#tabs.filter((other) => other !== tab);
    const neighbour = this.#tabs[Math.min(at, this.#tabs.length - 1)];
    if (this.#active === tab) this.look(neighbour ?? this.newTab());
    if (told !== undefined) this.#active.say("", told);
  }

  /** Lets go of all agents, and resolves to what there is to say of each branch: what it holds, and how to land it. */
  async leave(): Promise<readonly string[]> {
    const told = await Promise.all(this.#tabs.map(farewell));
    await this[Symbol.asyncDispose]();
    return told.flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#tabs.map((tab) => tab.close()));
  }

  #modelOfNew(): NonNullable<AgentOptions["model"]> {
    const { model = this.#tabs.find(({ agent }) => agent !== undefined)?.agent?.model } = this.#agent;
    if (model === undefined) throw new Error("There is no model to start with. Choose one: /model <provider>/<id>");
    return model;
  }

  /** A session goes on with the model it ran on, unless that was made by us and has no name to open it by. */
  get #again(): AgentOptions {
    const { model, ...rest } = this.#agent;
    return typeof model === "object" ? { ...rest, model } : rest;
  }

  async #openAgent(open: (ask: Ask) => Promise<Agent>, parent?: Tab): Promise<Tab> {
    const tab = this.#make({ open }, parent);
    await tab.open("");
    await this.reload(tab);
    return this.#show(tab);
  }

  #make({ open, follows }: Pick<ConstructorParameters<typeof Tab>[0], "open" | "follows">, parent?: Tab): Tab {
    const { onChange, now = Date.now } = this.#options;
    this.#opened += 1;
    const isLookedAt = (tab: Tab) => tab === this.#active;
    const onElsewhere = (event: AgentEvent, tab: Tab) => this.#takeElsewhere(event, tab);
    return new Tab({ id: this.#opened, parent, open, follows, isLookedAt, onElsewhere, onChange, now });
  }

  /** Shows a sub-agent as a tab below that of its parent, for as long as somebody wants to see it. */
  #takeElsewhere(event: AgentEvent, root: Tab): void {
    const tab = this.#tabs.find(({ branch }) => branch === event.branch);
    if (tab !== undefined && tab !== root) tab.take(event);
    if (event.type === "agent-start") this.#follow(event.child, tab ?? root, root);
    if (event.type !== "agent-end") return;
    const ended = this.#tabs.find(({ branch }) => branch === event.child);
    void ended?.endFollowing({ isMerged: event.outcome === "merged", isDone: event.stop === "done" });
  }

  #follow(branch: string, parent: Tab, root: Tab): void {
    // It is told of before it is at work.
    const found = () => findSubAgent(branch, root.agent?.children ?? []);
    const follows: Followed = {
      branch,
      send: async (text) => {
        const agent = found();
        if (agent === undefined) throw new AgentError("not-running", `${branch} is not at work.`);
        await agent.send(text);
      },
      stop: () => found()?.stop(),
    };
    const open = (ask: Ask) => Agent.resume({ ...this.#again, ask, rev: branch });
    this.#place(this.#make({ open, follows }, parent));
    this.#options.onChange();
  }

  #show(tab: Tab): Tab {
    this.#place(tab);
    return this.look(tab);
  }

  /** What comes from a tab stands behind it, and behind what came from it before. */
  #place(tab: Tab): void {
    const below = (other: Tab): boolean =>
      other.parent !== undefined && (other.parent === tab.parent || below(other.parent));
    const last = this.#tabs.findLastIndex((other) => other === tab.parent || below(other));
    this.#tabs = this.#tabs.toSpliced(tab.parent === undefined ? this.#tabs.length : last + 1, 0, tab);
  }
}

function findSubAgent(branch: string, among: readonly SubAgent[]): SubAgent | undefined {
  for (const agent of among) {
    const found = agent.branch === branch ? agent : findSubAgent(branch, agent.children);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Archives the branch of a tab, and says so, or why it is not. */
async function archived(tab: Tab): Promise<string | undefined> {
  const { agent } = tab;
  if (agent === undefined) return undefined;
  try {
    const isArchived = await tab.archive();
    if (!isArchived) return undefined;
    return `${agent.branch} is closed and archived. To open it again: /resume ${tab.name}`;
  } catch (error) {
    return `${agent.branch} is closed. ${error instanceof Error ? error.message : String(error)}`;
  }
}

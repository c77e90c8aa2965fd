import { Agent, type AgentOptions, type Ask, type StartOptions } from "@bough/agent";
import { Repository, readTranscript } from "@bough/gitstate";
import { entriesOf } from "../transcript/entries-of.ts";
import { Tab } from "./tab.ts";

/** What the program is run with. */
export interface ProgramOptions {
  /** How every agent is opened; the model is the one that new sessions run on. */
  readonly agent: AgentOptions & { readonly model: NonNullable<AgentOptions["model"]> };
  /** How the session of the first tab is started. */
  readonly first?: NewSession;
  /** Called after every change of what there is to show. */
  onChange(): void;
  now?(): number;
}

/** How a session is started: its branch's name, and whether uncommitted work is left aside. */
export type NewSession = Pick<StartOptions, "branch" | "clean">;

/** The moment a fork leaves its session at: before its nth prompt, or after a revision; without either from now. */
export interface ForkMoment {
  readonly before?: number;
  readonly after?: string;
}

/** All that a person works with, drawn or not: the tabs, and which of them is looked at. */
export class Program implements AsyncDisposable {
  readonly #options: ProgramOptions;
  #tabs: Tab[] = [];
  #active: Tab;
  #opened = 0;

  /** Begins with one tab, whose session starts with its first prompt. */
  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#active = this.newTab(options.first);
  }

  get tabs(): readonly Tab[] {
    return this.#tabs;
  }

  /** The tab that is looked at. */
  get active(): Tab {
    return this.#active;
  }

  /** Opens a tab for a new session, and looks at it. */
  newTab(session: NewSession = {}): Tab {
    return this.#open({ open: (ask, topic) => Agent.start({ ...this.#options.agent, ...session, ask, topic }) });
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
    const from = tab.agent.branch;
    return this.#openAgent((ask) => Agent.fork({ ...this.#again, ask, from, ...moment }), tab);
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

  /** Takes a tab away once its agent has let go; the last one makes place for a new one. */
  async close(tab: Tab): Promise<void> {
    await tab.close();
    const at = this.#tabs.indexOf(tab);
    this.#tabs = this.#tabs.filter((other) => other !== tab);
    const neighbour = this.#tabs[Math.min(at, this.#tabs.length - 1)];
    if (this.#active === tab) this.look(neighbour ?? this.newTab());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#tabs.map((tab) => tab.close()));
  }

  /** A session goes on with the model it ran on, unless that was made by us and has no name to open it by. */
  get #again(): AgentOptions {
    const { model, ...rest } = this.#options.agent;
    return typeof model === "string" ? rest : { ...rest, model };
  }

  async #openAgent(open: (ask: Ask) => Promise<Agent>, parent?: Tab): Promise<Tab> {
    const tab = this.#make({ open }, parent);
    const { branch } = await tab.open("");
    const transcript = await readTranscript(await Repository.open(this.#options.agent.cwd), branch);
    for (const entry of entriesOf(transcript)) tab.transcript.add(entry);
    return this.#show(tab);
  }

  #open(how: Pick<ConstructorParameters<typeof Tab>[0], "open">): Tab {
    return this.#show(this.#make(how));
  }

  #make({ open }: Pick<ConstructorParameters<typeof Tab>[0], "open">, parent?: Tab): Tab {
    const { onChange, now = Date.now } = this.#options;
    this.#opened += 1;
    return new Tab({ id: this.#opened, parent, open, onChange, now });
  }

  /** A fork stands beside the tab that it forks. */
  #show(tab: Tab): Tab {
    const at = tab.parent === undefined ? this.#tabs.length : this.#tabs.indexOf(tab.parent) + 1;
    this.#tabs = this.#tabs.toSpliced(at, 0, tab);
    return this.look(tab);
  }
}

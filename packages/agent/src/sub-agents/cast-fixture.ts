import { openModel } from "@bough/models";
import {
  type ModelScript,
  type ModelServer,
  type RecordedRequest,
  startModelServer,
  type TemporaryRepository,
  temporaryRepository,
} from "@bough/test-kit";
import { expect } from "vitest";
import { Agent } from "../agent.ts";
import type { StartOptions } from "../agent-options.ts";
import type { AgentEvent } from "../events.ts";

/** What an agent of the cast answers: in order, each given or made when it is asked. */
export type Part = Extract<ModelScript, readonly unknown[]>;

/** A call of the Agent tool. */
export function agentCall(task: string, more: Readonly<Record<string, unknown>> = {}) {
  return { name: "Agent", input: { task, ...more } };
}

export function writeCall(file_path: string, content: string) {
  return { name: "Write", input: { file_path, content } };
}

/** Has the model play every agent by the prompt or task it was given first. */
function play(parts: Readonly<Record<string, Part>>): ModelScript {
  return (request) => {
    const answer = parts[firstWords(request)]?.[repliesOf(request)];
    if (answer === undefined) return { text: `Nobody plays ${firstWords(request)}` };
    return typeof answer === "function" ? answer(request) : answer;
  };
}

function firstWords({ messages }: RecordedRequest): string {
  // What an agent is told beside its prompt follows it in brackets.
  return (messages[0]?.text ?? "").replace(/\n*\[.*$/s, "");
}

function repliesOf({ messages }: RecordedRequest): number {
  return messages.filter(({ role }) => role === "assistant").length;
}

/** A repository, and a model that plays whoever is asked; `await using` clears it away. */
export class Cast implements AsyncDisposable {
  readonly repository: TemporaryRepository;
  readonly server: ModelServer;
  readonly events: AgentEvent[] = [];

  private constructor(repository: TemporaryRepository, server: ModelServer) {
    this.repository = repository;
    this.server = server;
  }

  static async of(parts: Readonly<Record<string, Part>>, files: Readonly<Record<string, string>>): Promise<Cast> {
    const repository = await temporaryRepository({ files, enter: true });
    return new Cast(repository, await startModelServer(play(parts)));
  }

  get model() {
    return openModel("anthropic/claude", { env: {}, apiKey: "key", baseUrl: this.server.url });
  }

  /** Starts the agent that a person speaks to. */
  start(options: Partial<StartOptions> = {}): Promise<Agent> {
    return Agent.start({ cwd: this.repository.path, model: this.model, branch: "lead", ...options });
  }

  readonly onEvent = (event: AgentEvent): void => {
    this.events.push(event);
  };

  /** What an agent was sent, request by request. */
  sentTo(prompt: string): readonly RecordedRequest[] {
    return this.server.requests.filter((request) => firstWords(request) === prompt);
  }

  /** The results that an agent was told last. */
  toldTo(prompt: string): readonly string[] {
    const results = this.sentTo(prompt).at(-1)?.messages.at(-1)?.results ?? [];
    return results.map(({ text }) => text);
  }

  /** Checks that the server took every history it was sent. */
  expectAllTaken(): void {
    expect(this.server.requests.flatMap(({ refused }) => refused ?? [])).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    await this.repository[Symbol.asyncDispose]();
  }
}

/** Resolves for all who wait once so many do. */
export function meeting(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  return () => {
    waiting += 1;
    if (waiting === count) resolve();
    return promise;
  };
}

import { listSessions, Repository, readTranscript } from "@bough/gitstate";

/**
 * The prompts of a repository's sessions, newest first and each once: git is where they are kept. Sessions are read one
 * after the other, and only as far as somebody goes back.
 */
export class PromptHistory {
  readonly #prompts: string[] = [];
  readonly #unread: AsyncGenerator<readonly string[]>;
  #isWhole = false;
  #reading: Promise<void> = Promise.resolve();

  constructor(cwd: string) {
    this.#unread = promptsBySession(cwd);
  }

  /** Adds a prompt that was sent just now. */
  add(prompt: string): void {
    const at = this.#prompts.indexOf(prompt);
    if (at !== -1) this.#prompts.splice(at, 1);
    this.#prompts.unshift(prompt);
  }

  /** Resolves to the prompt that is so many back, 0 being the newest; undefined when there are not as many. */
  async at(index: number): Promise<string | undefined> {
    while (this.#prompts.length <= index && !this.#isWhole) await this.#readOn();
    return this.#prompts[index];
  }

  /** Finds the newest prompts that hold a text, whatever its case. */
  async *search(text: string): AsyncGenerator<string> {
    const wanted = text.toLowerCase();
    for (let index = 0; ; index++) {
      const prompt = await this.at(index);
      if (prompt === undefined) return;
      if (prompt.toLowerCase().includes(wanted)) yield prompt;
    }
  }

  /** One reads on for all who wait. */
  #readOn(): Promise<void> {
    this.#reading = this.#reading.then(async () => {
      const { value, done } = await this.#unread.next();
      this.#isWhole = done === true;
      for (const prompt of value ?? []) if (!this.#prompts.includes(prompt)) this.#prompts.push(prompt);
    });
    return this.#reading;
  }
}

async function* promptsBySession(cwd: string): AsyncGenerator<readonly string[], undefined> {
  const repository = await Repository.open(cwd);
  for (const { branch } of await listSessions(repository)) {
    const { entries } = await readTranscript(repository, branch);
    yield entries
      .flatMap((entry) => (entry.type === "step" ? entry.blocks : []))
      .flatMap((block) => (block.type === "user" ? [block.text] : []))
      .reverse();
  }
  return undefined;
}

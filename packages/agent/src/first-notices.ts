import type { Session } from "@bough/gitstate";
import type { Happening } from "./events.ts";
import type { OpenSession } from "./open-session.ts";
import type { Workshop } from "./workshop.ts";

/** What is said once, in the first turn that it is true in: of the session as it was found, of a new worktree, and of commands that are not confined. */
export class FirstNotices {
  readonly #session: Session;
  readonly #workshop: Workshop;
  /** What is known to be told before the first turn. */
  #notice: string | undefined;
  #toldOfWorktree = false;
  #toldOfSandbox = false;

  constructor({ session, notice }: Pick<OpenSession, "session" | "notice">, workshop: Workshop) {
    this.#session = session;
    this.#notice = notice;
    this.#workshop = workshop;
  }

  /** Tells what there is to tell when it is known; nobody has to wait for it. */
  tell(emit: (happening: Happening) => void, { wantsSandbox }: { readonly wantsSandbox: boolean }): void {
    if (this.#notice !== undefined) emit({ type: "notice", text: this.#notice });
    this.#notice = undefined;
    // Whoever needs the files is told when they cannot be there.
    this.#tellOfWorktree(emit).catch(() => {});
    if (wantsSandbox) this.#tellOfSandbox(emit).catch(() => {});
  }

  async #tellOfWorktree(emit: (happening: Happening) => void): Promise<void> {
    if (this.#toldOfWorktree) return;
    this.#toldOfWorktree = true;
    const { notices } = await this.#session.ready;
    for (const text of notices) emit({ type: "notice", text });
  }

  async #tellOfSandbox(emit: (happening: Happening) => void): Promise<void> {
    if (this.#toldOfSandbox) return;
    this.#toldOfSandbox = true;
    const support = await this.#workshop.support();
    if (support.kind === "none") emit({ type: "notice", text: support.message });
  }
}

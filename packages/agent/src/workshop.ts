import { join } from "node:path";
import { borrowedObjects, type Session } from "@bough/gitstate";
import { type SandboxSupport, ShellSession, WorktreeFiles } from "@bough/sandbox";
import type { AgentOptions } from "./agent-options.ts";
import { Hooks } from "./hooks/hooks.ts";
import { Jobs } from "./jobs/jobs.ts";
import type { PermissionMode } from "./permissions/modes.ts";
import { Permissions } from "./permissions/permissions.ts";
import { isProtected } from "./permissions/protected-files.ts";

const UNCONFINED: SandboxSupport = { kind: "none", reason: "not-wanted", message: "" };

/** What an agent works with in its worktree, for as long as it lives: files, commands, jobs, and what it may do there. */
export class Workshop {
  readonly files: WorktreeFiles;
  readonly jobs = new Jobs();
  readonly permissions: Permissions;
  readonly hooks: Hooks;
  readonly #confined: ShellSession;
  /** Where nothing is confined: it shares nothing with the other one. */
  readonly #open: ShellSession;

  /** Starts nothing yet: the worktree's files may still be on their way. */
  constructor(session: Session, { rules, keepRule, env: variables, hooks = [], skills = [] }: AgentOptions) {
    const { worktree } = session;
    const { root, prefix, commonDir } = session.repository;
    this.#confined = new ShellSession({
      worktree,
      readable: [commonDir, ...borrowedObjects(commonDir), ...skills.flatMap(({ folder }) => folder ?? [])],
      isReadOnly: (name) => isProtected(join(worktree, name), worktree),
      variables,
    });
    this.#open = new ShellSession({ worktree, support: UNCONFINED, variables });
    this.files = new WorktreeFiles({ root: worktree, aliases: [root], cwd: prefix });
    this.permissions = new Permissions({
      mode: "default",
      rules,
      keepRule,
      checkout: root,
      canConfine: async () => (await this.support()).kind !== "none",
    });
    this.hooks = new Hooks({
      settings: hooks,
      session: session.id,
      branch: session.branch,
      worktree,
      checkout: root,
      commonDir,
      variables,
    });
  }

  /** Resolves to how commands are confined on this machine. */
  support(): Promise<SandboxSupport> {
    return this.#confined.support();
  }

  /** Where commands run in a mode. */
  shell(mode: PermissionMode): ShellSession {
    return mode === "bypassPermissions" ? this.#open : this.#confined;
  }

  /** Ends all that runs here. */
  async close(): Promise<void> {
    await this.jobs.close();
    await Promise.all([this.#confined.close(), this.#open.close(), this.hooks.close()]);
  }
}

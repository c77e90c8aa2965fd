import { join } from "node:path";
import type { Repository } from "@bough/gitstate";
import type { Environment } from "@bough/models";
import type { Output } from "../streams.ts";
import type { Check } from "./check.ts";
import { checkFolder } from "./folder.ts";
import { checkGit } from "./git.ts";
import { checkLeftBehind } from "./left-behind.ts";
import { checkAnswer, findModel, type ModelChoice } from "./model.ts";
import { checkNode } from "./node.ts";
import { checkPublished } from "./published.ts";
import { checkIdentity, checkNames, findRepository } from "./repository.ts";
import { checkSandbox } from "./sandbox.ts";
import { checkSearch } from "./search.ts";
import { checkTerminal } from "./terminal.ts";

/** What is looked at, and from where. */
export interface ExamineOptions extends ModelChoice {
  readonly cwd: string;
  /** Whether the model is asked something. */
  readonly live: boolean;
  readonly env: Environment;
  readonly output: Output;
}

/** Looks at all that bough needs; nothing is changed by it. */
export async function examine(options: ExamineOptions): Promise<Check[]> {
  const { cwd, live, env, output } = options;
  const git = await checkGit();
  // What an old git would answer is no answer.
  const inRepository = git.state === "ready" ? examineRepository(cwd) : [];
  const { check: model, model: opened } = findModel(options, env);
  const answer = live && opened !== undefined ? [checkAnswer(opened)] : [];
  return [
    checkNode(),
    git,
    ...(await inRepository),
    ...(await Promise.all([checkSandbox(), checkSearch()])),
    model,
    ...(await Promise.all(answer)),
    checkTerminal(output, env),
  ];
}

async function examineRepository(cwd: string): Promise<Check[]> {
  const { check, repository } = await findRepository(cwd);
  if (repository === undefined) return [check];
  const checks = await Promise.all([
    checkNames(repository),
    checkPublished(repository),
    checkLeftBehind(repository),
    ...writtenFolders(repository).map(checkFolder),
  ]);
  return [check, checkIdentity(repository), ...checks.flat()];
}

function writtenFolders({ commonDir, folders }: Repository) {
  return [
    {
      name: "objects",
      path: join(commonDir, "objects"),
      move: "Work in a clone that is yours: git clone",
      isCache: false,
    },
    {
      name: "worktrees",
      path: folders.worktrees,
      move: "Set XDG_STATE_HOME to a folder on a disk of yours",
      isCache: false,
    },
    {
      name: "cache",
      path: folders.cache,
      move: "Set XDG_CACHE_HOME to a folder on a disk of yours",
      isCache: true,
    },
  ];
}

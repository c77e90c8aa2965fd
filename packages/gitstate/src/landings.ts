import { landedSession } from "./landed-session.ts";
import { TIP_TRAILER } from "./landing-base.ts";
import type { Repository } from "./repository.ts";
import type { SessionChain } from "./session-chain.ts";

/** A commit on a branch of the user's that brought a session in. */
export interface Landing {
  readonly commit: string;
  /** The nearest of the branches that lead to it; undefined when only a detached HEAD does. */
  readonly branch: string | undefined;
  readonly date: Date;
}

/** What landed, by the commit of the session at which it did; of several the last one first. */
export type Landings = ReadonlyMap<string, readonly Landing[]>;

/** Finds where the commits of chains were landed on the user's branches, or on their detached HEAD. */
export async function findLandings(repository: Repository, chains: readonly SessionChain[]): Promise<Landings> {
  const [start, { commit: head }] = await Promise.all([commonStart(repository, chains), repository.head()]);
  const { stdout } = await repository.git([
    ...["log", "-z", "--no-color", "--no-show-signature", `--grep=^${TIP_TRAILER}: `, "--format=%H%x00%ct%x00%B"],
    ...["--exclude=bough/*", "--branches", "--end-of-options"],
    ...[head ?? [], start === undefined ? [] : `^${start}`].flat(),
  ]);
  const known = new Set(chains.flatMap(({ commits }) => commits.map(({ id }) => id)));
  const fields = stdout.toString().split("\0");
  const found = Array.from({ length: Math.floor(fields.length / 3) }, (_, i) => {
    const [commit = "", seconds, message = ""] = fields.slice(3 * i, 3 * i + 3);
    // Anybody may have written the trailer.
    const tips = (landedSession(message)?.tips ?? []).filter((tip) => known.has(tip));
    return { commit, date: new Date(Number(seconds) * 1000), tips };
  }).filter(({ tips }) => tips.length > 0);
  const branches = await nearestBranches(
    repository,
    found.map(({ commit }) => commit),
  );
  const landings = new Map<string, Landing[]>();
  for (const { commit, date, tips } of found) {
    const landing = { commit, branch: branches.get(commit), date };
    for (const tip of tips) landings.set(tip, [...(landings.get(tip) ?? []), landing]);
  }
  return landings;
}

/** What all chains come from: nothing of them can have landed before. */
async function commonStart(repository: Repository, chains: readonly SessionChain[]): Promise<string | undefined> {
  const starts = new Set(chains.flatMap(({ base, commits }) => base ?? commits.at(-1)?.id ?? []));
  if (starts.size === 0) return undefined;
  const { stdout, exitCode } = await repository.git(["merge-base", "--octopus", ...starts], { accept: [1] });
  return exitCode === 0 ? stdout.toString().trim() : undefined;
}

async function nearestBranches(
  repository: Repository,
  commits: readonly string[],
): Promise<ReadonlyMap<string, string | undefined>> {
  if (commits.length === 0) return new Map();
  const refs = ["--refs=refs/heads/*", "--exclude=refs/heads/bough/*"];
  const { stdout } = await repository.git(["name-rev", "--name-only", ...refs, ...commits]);
  const names = stdout.toString().split("\n");
  return new Map(
    commits.map((commit, i) => {
      const name = names[i]?.replace(/[~^].*$/, "");
      return [commit, name === "undefined" ? undefined : name];
    }),
  );
}

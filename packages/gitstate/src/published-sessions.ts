import { BRANCHES } from "./branch-name.ts";
import type { Repository } from "./repository.ts";

/** A remote that has conversations, or gets them with the next plain `git push`. */
export interface PublishingRemote {
  readonly remote: string;
  /** Branches of sessions that it had when it was last fetched from or pushed to. */
  readonly branches: readonly string[];
  /** The setting by which a plain push takes the branches of sessions along. */
  readonly setting: string | undefined;
}

/** Finds the remotes to which conversations were pushed, or are with the next push; nothing is asked of them. */
export async function findPublishing(repository: Repository): Promise<PublishingRemote[]> {
  const names = await lines(repository, ["remote"]);
  const tracked = await lines(repository, ["for-each-ref", "--format=%(refname)", "refs/remotes"]);
  const remotes = names.map((remote) => {
    const start = `refs/remotes/${remote}/`;
    const branches = tracked.filter((ref) => ref.startsWith(`${start}bough/`)).map((ref) => ref.slice(start.length));
    return { remote, branches, setting: publishingSetting(repository, remote) };
  });
  return remotes.filter(({ branches, setting }) => branches.length > 0 || setting !== undefined);
}

function publishingSetting({ config }: Repository, remote: string): string | undefined {
  const key = `remote.${remote}.`;
  const settings = config.matching(/^remote\..*\.(mirror|push)$/s).filter((setting) => setting.key.startsWith(key));
  const found = settings.find(({ key, value }) => {
    return key.endsWith(".mirror") ? /^(true|yes|on|1|)$/i.test(value) : pushesSessions(value);
  });
  return found === undefined ? undefined : `${found.key} = ${found.value}`;
}

/** `:` pushes what the remote has already, which is counted by its branches. */
function pushesSessions(refspec: string): boolean {
  const [source = ""] = refspec.replace(/^\+/, "").split(":");
  const [start = "", end] = source.split("*", 2);
  return end !== undefined && (BRANCHES.startsWith(start) || start.startsWith(BRANCHES));
}

async function lines(repository: Repository, args: readonly string[]): Promise<string[]> {
  const { stdout } = await repository.git(args);
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "");
}

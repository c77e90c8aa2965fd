import { join } from "node:path";
import { findArchived } from "./archived-session.ts";
import { type BlamedLines, blame, type LineRange } from "./blame.ts";
import { type BytePath, readablePath, toBytePath } from "./byte-path.ts";
import { readCommit, writeCommit } from "./commit-object.ts";
import { RepositoryError } from "./errors.ts";
import { findSessions } from "./find-session.ts";
import { landedSession } from "./landed-session.ts";
import { isOurs } from "./lineage.ts";
import { parseMessage } from "./message.ts";
import { ObjectStore } from "./object-store.ts";
import { type Present, presentFile } from "./present-file.ts";
import { withReading } from "./reading.ts";
import type { Repository } from "./repository.ts";
import { rewoundCommit } from "./rewound-commit.ts";
import { readSessionRefs } from "./session-refs.ts";
import type { StepRecord } from "./step-record.ts";
import { type StepsUsage, usageOf } from "./step-usage.ts";

/** Where the lines of a file come from. */
export interface Why {
  /** From the root of the repository. */
  readonly path: string;
  /** In the order of each one's first line. */
  readonly origins: readonly Origin[];
}

/** What brought lines in, and which they are. */
export type Origin = (StepOrigin | CommitOrigin | UncommittedOrigin) & { readonly lines: readonly Lines[] };

/** Lines that stand together. */
export interface Lines {
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

/** A step of an agent's. */
export interface StepOrigin extends StepsUsage {
  readonly type: "step";
  readonly commit: string;
  readonly date: Date;
  readonly author: string;
  readonly subject: string;
  readonly session: string;
  /** Undefined when no branch of this repository is the session's. */
  readonly branch: string | undefined;
  readonly step: number;
  readonly turn: number;
  /** What the user asked for in that turn; undefined when somebody dropped the commit that holds it. */
  readonly prompt: string | undefined;
  /** The commit that landed it, where it came by one. */
  readonly landed: string | undefined;
}

/** A commit that no agent made. */
export interface CommitOrigin {
  readonly type: "commit";
  readonly commit: string;
  readonly date: Date;
  readonly author: string;
  readonly subject: string;
  readonly landed: string | undefined;
  /** The session it landed, the steps of which do not hold the lines or are not in this repository. */
  readonly session: string | undefined;
}

/** What the user has not committed yet. */
export interface UncommittedOrigin {
  readonly type: "uncommitted";
}

/**
 * Finds who wrote a line of a file as it is in the checkout now, or each of its lines: the step and the prompt it
 * answered, also through a commit that landed it, or the commit of a person. Nothing is left behind in the repository.
 * Throws an `UnknownPathError` or a {@link RepositoryError} when there is no such file or line.
 */
export async function why(repository: Repository, file: string, line?: number): Promise<Why> {
  return withReading(
    repository,
    async (reading) => {
      const folder = join(reading.gitDir.path, "objects");
      const throwaway = new ObjectStore({ folder, format: repository.format, gitDir: reading.gitDir });
      try {
        return await new Inquiry(repository, { ...reading, throwaway }, folder).why(file, line);
      } finally {
        await throwaway.close();
      }
    },
    repository.root,
  );
}

/** Lines, and the commit by which they were landed, where they were. */
interface TracedLines extends BlamedLines {
  readonly landed: string | undefined;
}

/** Commits looked at for the beginning of a turn before it is taken to be gone. */
const SEARCH_DEPTH = 1000;

/** One question, with the commits that were read or made to answer it. */
class Inquiry {
  readonly #repository: Repository;
  readonly #present: Present;
  readonly #folder: string;
  readonly #commits = new Map<string, ReturnType<typeof readCommit>>();
  /** Commits made for this inquiry alone. */
  readonly #made = new Set<string>();

  constructor(repository: Repository, present: Present, folder: string) {
    this.#repository = repository;
    this.#present = present;
    this.#folder = folder;
  }

  async why(name: string, line: number | undefined): Promise<Why> {
    const { path, content, commit, uncommitted } = await presentFile(this.#repository, this.#present, name);
    if (uncommitted !== undefined) this.#made.add(uncommitted);
    const texts = linesOf(content);
    if (line !== undefined && (line < 1 || line > texts.length)) throw unknownLine(path, line, texts.length);
    const ranges = line === undefined ? [{ line: 1, count: texts.length }] : [{ line, count: 1 }];
    const traced =
      commit === undefined || texts.length === 0
        ? []
        : (await this.#trace({ commit, path, ranges })).filter((lines) => lines.commit !== uncommitted);
    const origins = await this.#origins(traced);
    const known = new Map(
      traced.flatMap((lines, i) => numbersOf(lines).map((number) => [number, origins[i]] as const)),
    );
    return {
      path: readablePath(path),
      origins: grouped(texts, ranges, (number) => known.get(number) ?? UNCOMMITTED),
    };
  }

  /** Follows lines to the commits that brought them in, through rewinds, and through those that landed a session to its steps. */
  async #trace(
    question: { commit: string; path: BytePath; ranges: readonly LineRange[] },
    landed?: string,
  ): Promise<TracedLines[]> {
    const blamed = await blame(this.#present.gitDir, { ...question, objects: this.#folder });
    const traced: TracedLines[] = [];
    for (const [commit, lines] of Map.groupBy(blamed, (group) => group.commit)) {
      const [tips, earlier] = await Promise.all([this.#landedTips(commit), this.#rewoundTo(commit)]);
      for (const [path, group] of Map.groupBy(lines, ({ origin }) => origin.path)) {
        const own = group.map((line) => ({ ...line, landed }));
        // git is given paths as text: a name that is none cannot be followed.
        const isText = toBytePath(readablePath(path)) === path;
        if (isText && earlier !== undefined) traced.push(...(await this.#traceRewound(own, { earlier, path, landed })));
        else if (isText && tips.length > 0) traced.push(...(await this.#traceLanded(own, { commit, path, tips })));
        else traced.push(...own);
      }
    }
    return traced;
  }

  /** Follows lines of a rewind, which wrote none of them, from the commit whose files it took up again. */
  async #traceRewound(
    lines: readonly TracedLines[],
    { earlier, path, landed }: { earlier: string; path: BytePath; landed: string | undefined },
  ): Promise<TracedLines[]> {
    const traced = await this.#trace({ commit: earlier, path, ranges: lines.map(rangeThere) }, landed);
    return lines.flatMap((line) => within(line, traced));
  }

  /** The commit that a rewind went back to; undefined for any other, and when somebody rewrote one of the two. */
  async #rewoundTo(commit: string): Promise<string | undefined> {
    if (this.#made.has(commit)) return undefined;
    const { message, tree } = await this.#commit(commit);
    const earlier = rewoundCommit(parseMessage(message).records);
    if (earlier === undefined || !(await this.#exists(earlier))) return undefined;
    return (await this.#commit(earlier)).tree === tree ? earlier : undefined;
  }

  /** Follows lines of a landed commit as if the session had been merged by it. */
  async #traceLanded(
    lines: readonly TracedLines[],
    { commit, path, tips }: { commit: string; path: BytePath; tips: readonly string[] },
  ): Promise<TracedLines[]> {
    const { tree, committedAt } = await this.#commit(commit);
    const merge = await writeCommit(this.#present.throwaway, {
      tree,
      parents: tips,
      author: { name: "bough", email: "bough@localhost" },
      committer: { name: "bough", email: "bough@localhost" },
      committedAt,
      message: "A session and what it landed as\n",
    });
    this.#made.add(merge);
    const traced = await this.#trace({ commit: merge, path, ranges: lines.map(rangeThere) }, commit);
    const outer = lines.find(({ landed }) => landed !== undefined)?.landed;
    return lines
      .flatMap((line) => within(line, traced))
      .map((line) => {
        if (line.commit === merge) return { ...line, commit, landed: outer };
        return { ...line, landed: outer ?? commit };
      });
  }

  /** The tips of the sessions that a commit landed, as far as they are in this repository. */
  async #landedTips(commit: string): Promise<string[]> {
    if (this.#made.has(commit)) return [];
    const tips = landedSession((await this.#commit(commit)).message)?.tips ?? [];
    const here = await Promise.all(tips.map((tip) => this.#exists(tip)));
    return tips.filter((_, i) => here[i]);
  }

  async #exists(commit: string): Promise<boolean> {
    const { exitCode } = await this.#present.gitDir.git(["cat-file", "-e", `${commit}^{commit}`], { accept: [1, 128] });
    return exitCode === 0;
  }

  #commit(id: string): ReturnType<typeof readCommit> {
    const known = this.#commits.get(id) ?? readCommit(this.#present.objects, id);
    this.#commits.set(id, known);
    return known;
  }

  /** What is known of each group of lines; those of one commit share one origin. */
  async #origins(traced: readonly TracedLines[]): Promise<(StepOrigin | CommitOrigin)[]> {
    const refs = await readSessionRefs(this.#repository);
    const sessions = await findSessions(this.#repository, this.#present, refs);
    const archived = await findArchived(this.#present, refs.archived);
    const branches = new Map([...archived, ...sessions].map(({ id, name }) => [id, `bough/${name}`]));
    const origins = new Map<string, Promise<StepOrigin | CommitOrigin>>();
    return Promise.all(
      traced.map((lines) => {
        const key = `${lines.commit} ${lines.landed}`;
        const origin = origins.get(key) ?? this.#origin(lines, branches);
        origins.set(key, origin);
        return origin;
      }),
    );
  }

  async #origin(
    { commit, landed }: TracedLines,
    branches: ReadonlyMap<string, string>,
  ): Promise<StepOrigin | CommitOrigin> {
    const { author, committedAt, message } = await this.#commit(commit);
    const { subject, records } = parseMessage(message);
    const about = { commit, date: new Date(committedAt * 1000), author, subject, landed };
    // Steps that changed no file wait for the one that does, which is the last.
    const record = records.at(-1);
    if (record === undefined) return { type: "commit", ...about, session: landedSession(message)?.session };
    const { session, step, turn } = record;
    const prompt = await this.#prompt(commit, record);
    return { type: "step", ...about, session, branch: branches.get(session), step, turn, prompt, ...usageOf([record]) };
  }

  /** Goes back from a step to the words that began its turn. */
  async #prompt(from: string, { session, turn }: StepRecord): Promise<string | undefined> {
    let prompt: string | undefined;
    let commit: string | undefined = from;
    for (let depth = 0; commit !== undefined && depth < SEARCH_DEPTH; depth++) {
      const { message, parents } = await this.#commit(commit);
      const ours: StepRecord[] = parseMessage(message).records.filter((record) => isOurs(session, record));
      for (const record of ours.toReversed()) {
        if (record.turn < turn) return prompt;
        if (record.turn > turn) continue;
        prompt = record.blocks.find(({ type }) => type === "user")?.text ?? prompt;
      }
      commit = parents[0];
    }
    return prompt;
  }
}

const UNCOMMITTED: UncommittedOrigin = { type: "uncommitted" };

function linesOf(content: Buffer): string[] {
  const lines = content.toString().split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function unknownLine(path: BytePath, line: number, count: number): RepositoryError {
  const has = count === 0 ? "is empty" : count === 1 ? "has one line" : `has ${count} lines`;
  return new RepositoryError("unknown-line", `There is no line ${line} in ${readablePath(path)}: it ${has}.`);
}

function numbersOf({ line, count }: LineRange): number[] {
  return Array.from({ length: count }, (_, i) => line + i);
}

/** Where the commit that lines were followed to has them. */
function rangeThere({ origin, count }: BlamedLines): LineRange {
  return { line: origin.line, count };
}

/** The parts of lines that were traced further, numbered as in the file that was asked about. */
function within(line: TracedLines, traced: readonly TracedLines[]): TracedLines[] {
  const [start, end] = [line.origin.line, line.origin.line + line.count];
  return traced.flatMap((part) => {
    const first = Math.max(start, part.line);
    const count = Math.min(end, part.line + part.count) - first;
    if (count <= 0) return [];
    const origin = { ...part.origin, line: part.origin.line + first - part.line };
    return [{ ...part, line: line.line + first - start, count, origin }];
  });
}

function grouped(
  texts: readonly string[],
  ranges: readonly LineRange[],
  originOf: (line: number) => StepOrigin | CommitOrigin | UncommittedOrigin,
): Origin[] {
  const groups = Map.groupBy(ranges.flatMap(numbersOf), originOf);
  return [...groups].map(([origin, numbers]) => ({ ...origin, lines: runsOf(numbers, texts) }));
}

function runsOf(numbers: readonly number[], texts: readonly string[]): Lines[] {
  const firsts = numbers.filter((number, i) => numbers[i - 1] !== number - 1);
  const lasts = numbers.filter((number, i) => numbers[i + 1] !== number + 1);
  return firsts.map((first, i) => {
    const last = lasts[i] ?? first;
    return { first, last, text: texts.slice(first - 1, last).join("\n") };
  });
}

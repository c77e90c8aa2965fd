import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { holderOf, makeHeldFolder, wasLeft } from "./held-folder.ts";

/** What the names of folders begin with in which a landing prepares what it needs. */
export const LANDING_FOLDER = "bough-land-";

const planSchema = z.object({
  /** The commit that was landed on; undefined before the user's first. */
  head: z.string().optional(),
  /** The session's commit that lands. */
  tip: z.string(),
  /** What is staged before and after, and what is committed. */
  staged: z.string(),
  toStage: z.string(),
  toCommit: z.string(),
});

/** What a landing is about to do, as it is told to whoever finds it after a kill. */
export type LandingPlan = z.output<typeof planSchema>;

/** A folder in the checkout's git dir in which a landing prepares what it needs, and says who it is and how far it came. */
export class LandingFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(gitDir: string): Promise<LandingFolder> {
    return new LandingFolder(await makeHeldFolder(gitDir, LANDING_FOLDER));
  }

  /** Finds those whose process was killed. */
  static async findLeft(gitDir: string): Promise<LandingFolder[]> {
    const names = (await readdir(gitDir)).filter((name) => name.startsWith(LANDING_FOLDER));
    const folders = names.map((name) => new LandingFolder(join(gitDir, name)));
    const left = await Promise.all(folders.map(({ path }) => wasLeft(path)));
    return folders.filter((_, i) => left[i]);
  }

  /** Names the process that lands; also what the lock on the index says. */
  get holder(): string {
    return holderOf(this.path);
  }

  /** Names the git that commits, which outlives its parent. */
  get committer(): string {
    return join(this.path, "committer");
  }

  /** The index that the commit is made of. */
  get toCommit(): string {
    return join(this.path, "to-commit");
  }

  /** What becomes of the user's index. */
  get index(): string {
    return join(this.path, "index");
  }

  /** Writes the plan down, whole or not at all. */
  async write(plan: LandingPlan): Promise<void> {
    await writeFile(join(this.path, "draft"), JSON.stringify(plan));
    await rename(join(this.path, "draft"), this.#plan);
  }

  /** Reads the plan; undefined when nothing of it can have been done. */
  async read(): Promise<LandingPlan | undefined> {
    const text = await readFile(this.#plan, "utf8").catch(() => undefined);
    return text === undefined ? undefined : planSchema.parse(JSON.parse(text));
  }

  async remove(): Promise<void> {
    await rm(this.#plan, { force: true });
    await rm(this.path, { recursive: true, force: true });
  }

  get #plan(): string {
    return join(this.path, "plan");
  }
}

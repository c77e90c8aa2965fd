import { GitError } from "./errors.ts";

/** Does the work; where git fails at it for a reason nobody foresaw, the error says what was attempted. */
export async function attempt<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GitError) throw error.during(what);
    throw error;
  }
}

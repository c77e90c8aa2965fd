import { SearchFailed, searchProgram } from "@bough/agent";
import { blocked, type Check, ready } from "./check.ts";

/** Whether files can be searched. */
export async function checkSearch(find: () => Promise<string> = searchProgram): Promise<Check> {
  try {
    return ready("search", await find());
  } catch (error) {
    if (error instanceof SearchFailed) return blocked("search", error.message);
    throw error;
  }
}

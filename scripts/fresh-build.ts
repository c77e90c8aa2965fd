import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Builds the program when it is older than its source: the stories in tests/ are told to what people run. */
export function setup(): void {
  execFileSync(join(import.meta.dirname, "bough"), ["--version"], { stdio: ["ignore", "ignore", "inherit"] });
}

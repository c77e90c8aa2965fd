import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Prints `N passed, N failed`, and what was skipped and why, as the last line of a test run, for those who read only that. */
export const closingLine: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    process.stdout.write(`${summarize(modules, unhandledErrors.length)}\n`);
  },
};

function summarize(modules: readonly TestModule[], unhandledErrors: number): string {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const count = (state: string) => tests.filter((test) => test.result().state === state).length;
  // A file that does not load, and a hook that throws, fail without any test of theirs having run.
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  const broken = suites.filter((suite) => suite.errors().length > 0).length;
  const skipped = count("skipped") + count("pending");
  const failed = count("failed") + broken + unhandledErrors;
  const why = new Set(tests.flatMap((test) => skipNote(test) ?? []));
  const reasons = why.size === 0 ? "" : ` (${[...why].join("; ")})`;
  return `${count("passed")} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped${reasons}` : ""}`;
}

/** Why a test was skipped, when it says so. */
function skipNote(test: TestCase): string | undefined {
  const result = test.result();
  return result.state === "skipped" ? result.note?.replace(/\s+/g, " ") : undefined;
}

import { expect, test } from "vitest";
import { searchProgram } from "./search-program.ts";

test("the packaged ripgrep says its version", async () => {
  expect(await searchProgram()).toMatch(/^ripgrep \d+\.\d+/);
});

test("one that is missing or cannot be run is told with what to do", async () => {
  await expect(searchProgram(() => Promise.reject(new Error("Cannot find package")))).rejects.toThrow(
    /^The packaged ripgrep is not installed .*Install bough again/s,
  );
  await expect(searchProgram(async () => import.meta.filename)).rejects.toThrow(/cannot be run .*EACCES.*Install/s);
});

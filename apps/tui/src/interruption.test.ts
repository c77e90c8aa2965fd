import { expect, test } from "vitest";
import { listenForInterruption } from "./interruption.ts";

test.each(["SIGTERM", "SIGHUP"] as const)("%s twice, as timeout(1) sends it, stops in order", (signal) => {
  using interruption = listenForInterruption();
  process.emit(signal);
  process.emit(signal);
  expect(interruption).toMatchObject({ exitCode: 143, signal: { aborted: true } });
});

test("Ctrl-C ends what is being stopped already", () => {
  using interruption = listenForInterruption();
  process.emit("SIGTERM");
  expect(interruption.exitCode).toBe(143);
  expect(() => process.emit("SIGINT")).toThrow('process.exit unexpectedly called with "130"');
});

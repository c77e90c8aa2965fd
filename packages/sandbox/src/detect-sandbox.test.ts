import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { trySandbox } from "./detect-sandbox.ts";

function refusingProgram(): string {
  const folder = mkdtempSync(join(tmpdir(), "bough-bwrap-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, "bwrap");
  writeFileSync(program, "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n");
  chmodSync(program, 0o755);
  return program;
}

test("a machine without bubblewrap is told how to get it", async () => {
  expect(await trySandbox({ platform: "linux", program: undefined, inContainer: false })).toMatchObject({
    reason: "not-installed",
    message: expect.stringContaining("sudo apt install bubblewrap"),
  });
});

test("a refusal is quoted, with what allows it on a machine and in a container", async () => {
  const program = refusingProgram();
  expect(await trySandbox({ platform: "linux", program, inContainer: false })).toMatchObject({
    reason: "namespaces-refused",
    message: expect.stringMatching(/setting up uid map: Permission denied.*sysctl/),
  });
  expect(await trySandbox({ platform: "linux", program, inContainer: true })).toMatchObject({
    reason: "in-container",
    message: expect.stringMatching(/setting up uid map: Permission denied.*--security-opt/),
  });
});

test("macOS has a sandbox when the library is there and the system makes one", async () => {
  const mac = { platform: "darwin", inContainer: false } as const;
  const missing = async () => Promise.reject(new Error("Cannot find package"));
  expect(await trySandbox({ ...mac, program: "/bin/true", load: missing })).toMatchObject({
    reason: "not-installed",
    message: expect.stringContaining("npm install --global @anthropic-ai/sandbox-runtime"),
  });
  expect(await trySandbox({ ...mac, program: refusingProgram() })).toMatchObject({
    reason: "profiles-refused",
    message: expect.stringMatching(/Permission denied.*outside of that/),
  });
  expect(await trySandbox({ ...mac, program: "/bin/true" })).toEqual({ kind: "seatbelt" });
});

test("a system that has no sandbox yet says so", async () => {
  expect(await trySandbox({ platform: "freebsd", program: undefined, inContainer: false })).toMatchObject({
    reason: "unknown-system",
    message:
      "Commands run without a sandbox: there is none for freebsd yet. On Linux, also in a virtual machine, there is.",
  });
});

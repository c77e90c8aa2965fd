import { resolve } from "node:path";
import type { DoctorCommand } from "../command-line/parse.ts";
import { examine } from "../doctor/examine.ts";
import { formatChecks } from "../doctor/format-checks.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { jsonDocument } from "../json-document.ts";
import type { Streams } from "../streams.ts";
import { styles } from "../styles.ts";

/** `bough doctor`: what is ready, what is not, and how to mend it. */
export async function doctor(
  { live, model, baseUrl, json, cwd }: DoctorCommand,
  { stdout }: Streams,
): Promise<ExitCode> {
  const checks = await examine({ cwd: resolve(cwd), live, model, baseUrl, env: process.env, output: stdout });
  stdout.write(json ? jsonDocument(checks) : formatChecks(checks, styles(stdout)));
  return checks.some(({ state }) => state === "blocked") ? exitCode.badInput : exitCode.done;
}

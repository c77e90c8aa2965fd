import { detectSandbox, type SandboxSupport } from "@bough/agent";
import { type Check, ready, warning } from "./check.ts";

/** Whether commands are confined, and by what. */
export async function checkSandbox(detect: () => Promise<SandboxSupport> = detectSandbox): Promise<Check> {
  const support = await detect();
  if (support.kind === "none") return warning("sandbox", `${support.message} Until then bough asks before each`);
  if (support.kind === "seatbelt")
    return ready("sandbox", "macOS's own, with profiles of @anthropic-ai/sandbox-runtime");
  const { program, disablesUserNamespaces } = support.bubblewrap;
  return disablesUserNamespaces
    ? ready("sandbox", `bubblewrap (${program})`)
    : warning(
        "sandbox",
        `${program} cannot keep commands from making namespaces of their own. Install bubblewrap 0.8 or later`,
      );
}

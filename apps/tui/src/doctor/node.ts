import { type Check, ready, warning } from "./check.ts";

/** Whether this Node gets fixes for long; one that is too old never comes this far. */
export function checkNode(version: string = process.versions.node): Check {
  const major = Number.parseInt(version, 10);
  return major % 2 === 0
    ? ready("node", version)
    : warning("node", `${version} gets fixes for a few months only. Install Node ${major + 1}: https://nodejs.org`);
}

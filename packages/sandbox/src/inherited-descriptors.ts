import { readdirSync, readFileSync } from "node:fs";

const closedOnExec = 0o2000000;

/**
 * The descriptors above standard error that bough was started with, which it would hand on to what it starts. Node closes
 * those up to 15 and what follows on them without a gap; a folder behind another one is a way out of any sandbox.
 */
export function inheritedDescriptors(): number[] {
  return descriptors().filter((descriptor) => descriptor > 2 && isHandedOn(descriptor));
}

function descriptors(): number[] {
  try {
    return readdirSync("/proc/self/fd").map(Number);
  } catch {
    // Only Linux tells.
    return [];
  }
}

function isHandedOn(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8"))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closedOnExec) === 0;
  } catch {
    // It was the one that the folder was read by.
    return false;
  }
}

import { Socket } from "node:net";
import type { startGit } from "./git.ts";

/** An idle helper process must not keep the program from ending; one that owes an answer must. */
export function setAlive(child: ReturnType<typeof startGit>, alive: boolean): void {
  for (const handle of [child, child.stdin, child.stdout, child.stderr]) {
    if (handle !== child && !(handle instanceof Socket)) continue;
    if (alive) handle.ref();
    else handle.unref();
  }
}

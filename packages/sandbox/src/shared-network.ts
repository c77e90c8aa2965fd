import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { descendants } from "./descendants.ts";
import type { Bubblewrap } from "./detect-sandbox.ts";
import { findProgram, type Invocation } from "./shell.ts";

const systemPath = "/usr/bin:/bin:/usr/sbin:/sbin";

/**
 * A network with nothing but its own loopback, for several sandboxes to be in at once. It is held by descriptors and not by a
 * process, so nothing can end it but closing it or the end of bough.
 */
export class SharedNetwork {
  readonly #nsenter: string;
  readonly #user: number;
  readonly #network: number;

  /** Makes one; resolves to undefined where the system has no program to enter it with, or refuses that. */
  static async open(bubblewrap: Bubblewrap): Promise<SharedNetwork | undefined> {
    const nsenter = findProgram("nsenter", systemPath);
    if (nsenter === undefined) return undefined;
    const network = await SharedNetwork.#make(nsenter, bubblewrap);
    if (network === undefined || (await network.#canBeEntered(bubblewrap))) return network;
    network.close();
    return undefined;
  }

  static async #make(nsenter: string, { program }: Bubblewrap): Promise<SharedNetwork | undefined> {
    const args = ["--unshare-user", "--unshare-net", "--die-with-parent", "--dev-bind", "/", "/", "cat"];
    const holder = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
    const ended = once(holder, "close");
    try {
      // What comes back shows that the namespaces are made and the loopback is up.
      holder.stdin.write("\n");
      await Promise.race([once(holder.stdout, "data"), ended]);
      const [inside] = holder.pid === undefined ? [] : descendants(holder.pid);
      return inside === undefined ? undefined : new SharedNetwork(nsenter, inside);
    } catch {
      return undefined;
    } finally {
      holder.stdin.end();
      await ended.catch(() => {});
    }
  }

  private constructor(nsenter: string, inside: number) {
    this.#nsenter = nsenter;
    this.#user = openSync(`/proc/${inside}/ns/user`, "r");
    this.#network = openSync(`/proc/${inside}/ns/net`, "r");
  }

  /** How a program is started in it, in the place of the one that enters. */
  entered({ program, args }: Invocation): Invocation {
    // By the path of bough's own descriptors: those that are handed down would be open in the sandbox.
    const of = (descriptor: number) => `/proc/${process.pid}/fd/${descriptor}`;
    const namespaces = [`--user=${of(this.#user)}`, `--net=${of(this.#network)}`];
    return { program: this.#nsenter, args: [...namespaces, "--preserve-credentials", "--", program, ...args] };
  }

  close(): void {
    closeSync(this.#user);
    closeSync(this.#network);
  }

  async #canBeEntered({ program }: Bubblewrap): Promise<boolean> {
    const args = ["--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "true"];
    const trial = this.entered({ program, args });
    const [code] = await once(spawn(trial.program, trial.args, { stdio: "ignore" }), "exit").catch(() => [1]);
    return code === 0;
  }
}

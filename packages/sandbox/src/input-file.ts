import { openSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Opens a text for a process to read as its standard input, and returns the descriptor, which whoever opened it closes. It
 * is a file without a name: Node's own pipes are sockets, which cannot be opened as `/dev/stdin`.
 */
export async function openInputFile(text: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "bough-input-"));
  try {
    const path = join(folder, "input");
    await writeFile(path, text, { mode: 0o600 });
    return openSync(path, "r");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

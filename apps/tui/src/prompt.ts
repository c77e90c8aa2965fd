import { once } from "node:events";
import { text } from "node:stream/consumers";
import { UsageError } from "./exit-code.ts";
import type { Streams } from "./streams.ts";

/**
 * Resolves to the prompt of a turn: the one that was given as an argument, then what is piped in. Programs that start
 * bough often leave it a pipe that they never write to nor close; where there is an argument, such a pipe is given up
 * after `patience` milliseconds without a byte.
 */
export async function readPrompt(argument: string | undefined, streams: Streams, patience = 3000): Promise<string> {
  const piped = streams.stdin.isTTY ? "" : await readPipe(streams, argument === undefined ? undefined : patience);
  const parts = [argument ?? "", piped.trimEnd()].filter((part) => part.trim() !== "");
  if (parts.length === 0) {
    throw new UsageError('The prompt is empty. Give it as an argument (bough -p "<prompt>") or pipe it in.');
  }
  return parts.join("\n\n");
}

async function readPipe({ stdin, stderr }: Streams, patience: number | undefined): Promise<string> {
  const silence = patience === undefined ? undefined : AbortSignal.timeout(patience);
  try {
    // Also the end of the input makes it readable.
    await once(stdin, "readable", { signal: silence });
  } catch (error) {
    if (!silence?.aborted) throw error;
    stdin.destroy();
    stderr.write("bough: nothing came on standard input, going on without it; `</dev/null` spares the wait\n");
    return "";
  }
  return text(stdin);
}

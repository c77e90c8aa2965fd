import { AwaitedPipes } from "@bough/gitstate";

/** Runs a search of a folder: a pipe named as a file of ignore rules, which it would wait for, is to it an empty one. */
export async function searchPastPipes<Found>(
  folder: string,
  signal: AbortSignal,
  search: (signal: AbortSignal) => Promise<Found>,
): Promise<Found> {
  using pipes = new AwaitedPipes(folder);
  try {
    return await search(AbortSignal.any([signal, pipes.signal]));
  } catch (error) {
    pipes.signal.throwIfAborted();
    throw error;
  }
}

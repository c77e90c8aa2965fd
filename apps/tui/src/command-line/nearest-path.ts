import { basename, dirname } from "node:path";
import { nearest } from "./nearest.ts";

/** Finds the file that a path was most likely meant to name: its own name elsewhere, or one like it in its folder. */
export function nearestPath(path: string, known: readonly string[]): string | undefined {
  const namesakes = known.filter((candidate) => basename(candidate) === basename(path));
  const neighbours = known.filter((candidate) => dirname(candidate) === dirname(path));
  return nearest(path, namesakes) ?? namesakes[0] ?? nearest(path, neighbours);
}

import type { FileChange } from "@bough/gitstate";
import { oneLine } from "../one-line.ts";
import type { Styles } from "../styles.ts";

/** Writes a file's name, with where it was moved from. */
export function fileName({ path, from }: FileChange, length: number): string {
  return oneLine(from === undefined ? path : `${from} → ${path}`, length);
}

/** Writes what was done to files: `+12 −3`, `binary`, or nothing where only a mode changed. */
export function lineCounts(files: readonly FileChange[], { added, removed }: Styles): string {
  const text = files.filter((file) => file.added !== undefined);
  const sum = (key: "added" | "removed") => text.reduce((total, file) => total + (file[key] ?? 0), 0);
  const parts = [
    sum("added") > 0 ? added(`+${sum("added")}`) : "",
    sum("removed") > 0 ? removed(`−${sum("removed")}`) : "",
    files.length > 0 && text.length === 0 ? "binary" : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

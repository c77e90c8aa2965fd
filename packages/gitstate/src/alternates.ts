import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const deepest = 5;

/** The folders from which a repository borrows objects, and those that these borrow from, as git follows them. */
export function borrowedObjects(commonDir: string): string[] {
  return [...new Set(borrowedBy(join(commonDir, "objects"), 1))];
}

function borrowedBy(objects: string, depth: number): string[] {
  const folders = linesOf(join(objects, "info/alternates"))
    // git takes a line that begins with a quotation mark for a quoted path, and writes none itself.
    .filter((line) => line !== "" && !/^[#"]/.test(line))
    .map((line) => resolve(objects, line));
  return depth === deepest ? folders : folders.flatMap((folder) => [folder, ...borrowedBy(folder, depth + 1)]);
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return [];
  }
}

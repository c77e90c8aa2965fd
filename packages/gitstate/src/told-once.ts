import { readFile, writeFile } from "node:fs/promises";
import type { LeftOut } from "./left-out.ts";

/** Keeps those that were not told of before, by a cache of what was: without it they are told once more. */
export async function notToldBefore(cache: string, leftOut: readonly LeftOut[]): Promise<LeftOut[]> {
  const told = new Set((await readFile(cache, "utf8").catch(() => "")).split("\n"));
  const news = leftOut.filter((item) => !told.has(key(item)));
  if (news.length > 0) await writeFile(cache, `${news.map(key).join("\n")}\n`, { flag: "a" });
  return news;
}

/** Of one line, whatever the path is. */
function key({ path, reason }: LeftOut): string {
  return JSON.stringify([path, reason]);
}

import { readFile, writeFile } from "node:fs/promises";

/** Keeps those that were not told of before, by a cache of what was: without it they are told once more. */
export async function notToldBefore<Item>(
  cache: string,
  items: readonly Item[],
  what: (item: Item) => unknown,
): Promise<Item[]> {
  // As JSON each is one line, whatever its names are.
  const key = (item: Item) => JSON.stringify(what(item));
  const told = new Set((await readFile(cache, "utf8").catch(() => "")).split("\n"));
  const news = items.filter((item) => !told.has(key(item)));
  if (news.length > 0) await writeFile(cache, `${news.map(key).join("\n")}\n`, { flag: "a" });
  return news;
}

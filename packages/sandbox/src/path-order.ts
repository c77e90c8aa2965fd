/** Puts what has a path in the order in which ripgrep sorts: a folder's entries by the bytes of their names. */
export function inPathOrder<Item>(items: readonly Item[], pathOf: (item: Item) => string): Item[] {
  const keyed = items.map((item) => ({ item, key: sortKey(pathOf(item)) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ item }) => item);
}

/** Bytes as characters, the end of a name before all others, so that `a/b` comes before `a.txt`. */
function sortKey(path: string): string {
  return Buffer.from(path.replaceAll("/", "\0")).toString("latin1");
}

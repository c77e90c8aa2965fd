import { RepositoryError } from "./errors.ts";

/** Where the branches of sessions stand. */
export const BRANCHES = "refs/heads/bough/";
/** Where the records stand that no commit of a branch holds yet. */
export const PENDING = "refs/bough/pending/";
/** Where closed sessions stand. */
export const ARCHIVE = "refs/bough/archive/";
/** Where the names stand of sessions that gc removed. */
export const GONE = "refs/bough/gone/";

const NAME = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/;
const LENGTH = 60;
const FILLER = new Set(
  "a an and are as at be by for from if in into is it its of on or so that the then this to use we with you please can could".split(
    " ",
  ),
);

/** Checks a name a person gave; it may be written with the `bough/` in front. */
export function checkName(name: string): string {
  const bare = name.replace(/^bough\//, "");
  if (NAME.test(bare) && bare.length <= LENGTH && !bare.includes("..") && !bare.endsWith(".lock")) return bare;
  throw new RepositoryError(
    "bad-name",
    `${JSON.stringify(name)} cannot name a session. Use up to ${LENGTH} lower-case letters, digits, "-", "_" and ".", as in "fix-login".`,
  );
}

/** Makes a name out of what a prompt is about. */
export function nameFor(prompt: string): string {
  const words = prompt
    .normalize("NFKD")
    .toLowerCase()
    .slice(0, 2000)
    .replace(/['’]|\p{Mn}/gu, "")
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  const telling = words.filter((word) => !FILLER.has(word));
  let name = "";
  for (const word of (telling.length > 0 ? telling : words).slice(0, 5)) {
    const longer = name === "" ? word.slice(0, 30) : `${name}-${word}`;
    if (longer.length > 36) break;
    name = longer;
  }
  return name === "" ? "session" : name;
}

/** Yields those of `name`, `name-2`, `name-3` … that are not taken; case does not set names apart. */
export function* freeNames(name: string, taken: ReadonlySet<string>): Generator<string, undefined> {
  if (!taken.has(name)) yield name;
  for (let n = 2; ; n++) {
    if (!taken.has(`${name}-${n}`)) yield `${name}-${n}`;
  }
}

/** Yields those of `name.1`, `name.2` … that no fork has or had. */
export function* forkNames(name: string, taken: ReadonlySet<string>): Generator<string, undefined> {
  for (let n = 1; ; n++) {
    if (!taken.has(`${name}.${n}`)) yield `${name}.${n}`;
  }
}

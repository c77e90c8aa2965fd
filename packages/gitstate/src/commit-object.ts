import type { ObjectStore } from "./object-store.ts";
import type { Identity } from "./repository.ts";

/** A commit as it is stored. */
export interface CommitObject {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: string;
  /** Seconds since 1970. */
  readonly committedAt: number;
  readonly message: string;
}

/** What a new commit is made of. */
export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Identity;
  readonly committer: Identity;
  /** Seconds since 1970; a commit older than its parent hides the parent from `git log --since`. */
  readonly committedAt: number;
  readonly message: string;
}

/** Writes a commit and resolves to its id. No hook runs and nothing is signed. */
export function writeCommit(objects: ObjectStore, commit: NewCommit): Promise<string> {
  const time = `${commit.committedAt} ${timezone(commit.committedAt)}`;
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${formatIdentity(commit.author)} ${time}`,
    `committer ${formatIdentity(commit.committer)} ${time}`,
    "",
    commit.message,
  ];
  return objects.write("commit", Buffer.from(lines.join("\n")));
}

/** Reads a commit; throws when the id is not one's. */
export async function readCommit(objects: ObjectStore, id: string): Promise<CommitObject> {
  const { type, content } = await objects.read(id);
  if (type !== "commit") throw new Error(`${id} is a ${type}, not a commit.`);
  const text = content.toString();
  const end = text.indexOf("\n\n");
  const headers = text.slice(0, end === -1 ? text.length : end).split("\n");
  const all = (name: string) =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return {
    tree: all("tree")[0] ?? "",
    parents: all("parent"),
    author: /^(.*?) ?</.exec(all("author")[0] ?? "")?.[1] ?? "",
    committedAt: Number(/> (\d+) /.exec(all("committer")[0] ?? "")?.[1] ?? 0),
    message: end === -1 ? "" : text.slice(end + 2),
  };
}

/** Names come from configuration and from models: nothing in one may end its line or stand for the address. */
function formatIdentity(identity: Identity): string {
  const { name, email } = cleanIdentity(identity);
  return `${name} <${email}>`;
}

/** Takes out of an identity what git takes out. */
export function cleanIdentity({ name, email }: Identity): Identity {
  return { name: cleanName(name), email: cleanName(email).replace(/\s/g, "") };
}

function cleanName(text: string): string {
  return text.replace(/[<>\p{Cc}]/gu, "").replace(/^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g, "") || "unknown";
}

function timezone(seconds: number): string {
  const minutes = -new Date(seconds * 1000).getTimezoneOffset();
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}${two(Math.abs(minutes) % 60)}`;
}

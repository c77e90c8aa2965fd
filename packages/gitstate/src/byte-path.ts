/**
 * A path inside a repository as git stores it: bytes, of which each is one character. Names need not be UTF-8,
 * and in this form they sort as git sorts them.
 */
export type BytePath = string & { readonly encoding: "bytes" };

/** Takes a path out of git's output. */
export function bytePathOf(bytes: Uint8Array): BytePath {
  return asBytePath(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"));
}

/** Takes a path that a person or a model wrote. */
export function toBytePath(path: string): BytePath {
  return asBytePath(Buffer.from(path).toString("latin1"));
}

/** Takes a string whose characters are bytes already, such as a part of another path. */
export function asBytePath(text: string): BytePath {
  if (!isBytePath(text)) throw new Error(`${JSON.stringify(text)} is no path of bytes.`);
  return text;
}

function isBytePath(text: string): text is BytePath {
  return !/[\u0100-\uffff]/.test(text);
}

/** The bytes, for git and for the file system. */
export function pathBytes(path: BytePath): Buffer {
  return Buffer.from(path, "latin1");
}

/** The path as a person reads it; bytes that are no UTF-8 show as U+FFFD. */
export function readablePath(path: BytePath): string {
  return pathBytes(path).toString();
}

/** Takes git's `-z` output apart. */
export function splitNul(output: Buffer): BytePath[] {
  const fields = bytePathOf(output).split("\0");
  if (fields.at(-1) === "") fields.pop();
  return fields.map(asBytePath);
}

/** The paths as a person reads them, each once, in order. */
export function sortedForPeople(paths: Iterable<BytePath>): string[] {
  return [...new Set(Array.from(paths, readablePath))].sort();
}

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

/** Brands a string whose characters are known to be bytes. */
export function asBytePath(text: string): BytePath {
  return text as BytePath;
}

/** The bytes, for git and for the file system. */
export function pathBytes(path: BytePath): Buffer {
  return Buffer.from(path, "latin1");
}

/** The path as a person reads it; bytes that are no UTF-8 show as U+FFFD. */
export function readablePath(path: BytePath): string {
  return pathBytes(path).toString();
}

import { getSystemErrorMessage } from "node:util";

/** Thrown when there is nothing at a path that was to be read or listed. */
export class FileMissing extends Error {
  override readonly name = "FileMissing";
  readonly path: string;

  constructor(path: string) {
    super(`There is nothing at ${JSON.stringify(path)}.`);
    this.path = path;
  }
}

/** Thrown instead of a write when the file does not hold what the writer expected; it is left as it is. */
export class FileChanged extends Error {
  override readonly name = "FileChanged";
  readonly path: string;

  constructor(path: string, options?: ErrorOptions) {
    super(`${JSON.stringify(path)} was changed by something else. Read it again before you write to it.`, options);
    this.path = path;
  }
}

/** Thrown when a file is larger than what is read into memory at once. */
export class FileTooLarge extends Error {
  override readonly name = "FileTooLarge";
  readonly path: string;
  readonly size: number;

  constructor(path: string, size: number, limit: number) {
    super(
      `${JSON.stringify(path)} is too large: it has ${size} bytes, and at most ${limit} are read. Take a part of it with Bash.`,
    );
    this.path = path;
    this.size = size;
  }
}

/** Thrown when the operating system denies an access; `code` is its name for why (`EACCES`, `ENOSPC`, …). */
export class FileAccessFailed extends Error {
  override readonly name = "FileAccessFailed";
  readonly path: string;
  readonly code: string | undefined;

  constructor(action: string, path: string, cause: unknown) {
    super(`Cannot ${action} ${JSON.stringify(path)}: ${systemMessage(cause)}.`, { cause });
    this.path = path;
    this.code = errorCode(cause);
  }
}

/** The operating system's name for what went wrong (`ENOENT`), if the error came from it. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function systemMessage(error: unknown): string {
  if (error instanceof Error && "errno" in error && typeof error.errno === "number") {
    return getSystemErrorMessage(error.errno);
  }
  return String(error);
}

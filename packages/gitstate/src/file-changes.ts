import { asBytePath, type BytePath, readablePath } from "./byte-path.ts";

/** What a commit did to a file, compared with the commit before. */
export interface FileChange {
  /** As a person reads it. */
  readonly path: string;
  /** Where the file was before, when it was moved. */
  readonly from: string | undefined;
  /** Lines; undefined for a file that is no text. */
  readonly added: number | undefined;
  readonly removed: number | undefined;
}

const COUNTS = /^\n?(\d+|-)\t(\d+|-)\t/;

/** Whether a field of `--numstat -z` output begins a file's entry. */
export function isFileChange(field: BytePath): boolean {
  return COUNTS.test(field);
}

/** Reads the fields of `--numstat -z` output. */
export function parseFileChanges(fields: readonly BytePath[]): FileChange[] {
  const changes: FileChange[] = [];
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] ?? "";
    const [counts, added = "", removed = ""] = COUNTS.exec(field) ?? [""];
    const path = field.slice(counts.length);
    // Of a file that was moved, both names follow in fields of their own.
    const [from, to] = path === "" ? [fields[++i], fields[++i]] : [undefined, asBytePath(path)];
    changes.push({
      path: readablePath(to ?? asBytePath("")),
      from: from === undefined ? undefined : readablePath(from),
      added: countOf(added),
      removed: countOf(removed),
    });
  }
  return changes;
}

function countOf(text: string): number | undefined {
  return text === "-" ? undefined : Number(text);
}

/** A file in a patch. */
export interface PatchFile {
  /** What git says of it before its first hunk: that it is new, was moved, is no text. */
  readonly notes: readonly string[];
  readonly hunks: readonly Hunk[];
}

/** Lines that changed together, with those around them. */
export interface Hunk {
  /** What it stands in, as git finds it. */
  readonly heading: string;
  readonly rows: readonly PatchRow[];
}

/** A line that stayed, or one that came in the place of another; a side that has none is undefined. */
export interface PatchRow {
  readonly before: PatchLine | undefined;
  readonly after: PatchLine | undefined;
  readonly isSame: boolean;
}

/** A line by its number. */
export interface PatchLine {
  readonly number: number;
  readonly text: string;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/;

/** Reads a patch as git writes it; how long a hunk is, its head says, so that a line may look like a head itself. */
export function parsePatch(patch: string): PatchFile[] {
  const files: { notes: string[]; hunks: Hunk[] }[] = [];
  const lines = patch.replace(/\n$/, "").split("\n");
  let at = 0;
  while (at < lines.length) {
    const line = lines[at++] ?? "";
    const head = HUNK.exec(line);
    if (line.startsWith("diff --git ")) files.push({ notes: [], hunks: [] });
    else if (head !== null) {
      const [before = 0, removed = 1, after = 0, added = 1] = head
        .slice(1, 5)
        .map((n) => (n === undefined ? 1 : Number(n)));
      const hunk = new HunkReader({ before, after, left: { before: removed, after: added } });
      while (at < lines.length && hunk.take(lines[at] ?? "")) at += 1;
      if (files.length === 0) files.push({ notes: [], hunks: [] });
      files.at(-1)?.hunks.push({ heading: head[5] ?? "", rows: hunk.rows() });
    } else if (isNote(line)) files.at(-1)?.notes.push(line);
  }
  return files;
}

/** What the list of files says already is no note. */
function isNote(line: string): boolean {
  return line !== "" && !/^(?:index|---|\+\+\+|similarity index|rename from|rename to) ?/.test(line);
}

class HunkReader {
  #before: number;
  #after: number;
  readonly #left: { before: number; after: number };
  readonly #rows: PatchRow[] = [];
  #removed: PatchLine[] = [];
  #added: PatchLine[] = [];

  constructor({ before, after, left }: { before: number; after: number; left: { before: number; after: number } }) {
    this.#before = before;
    this.#after = after;
    this.#left = left;
  }

  /** Takes the next line, unless it is none of the hunk's. */
  take(line: string): boolean {
    // "No newline at end of file" is about the line before.
    if (line.startsWith("\\")) return true;
    if (this.#left.before <= 0 && this.#left.after <= 0) return false;
    const text = line.slice(1);
    if (line.startsWith("-")) this.#removed.push(this.#lineBefore(text));
    else if (line.startsWith("+")) this.#added.push(this.#lineAfter(text));
    else {
      this.#pair();
      this.#rows.push({ before: this.#lineBefore(text), after: this.#lineAfter(text), isSame: true });
    }
    return true;
  }

  rows(): readonly PatchRow[] {
    this.#pair();
    return this.#rows;
  }

  #lineBefore(text: string): PatchLine {
    this.#left.before -= 1;
    return { number: this.#before++, text };
  }

  #lineAfter(text: string): PatchLine {
    this.#left.after -= 1;
    return { number: this.#after++, text };
  }

  /** Puts what was removed beside what came in its place. */
  #pair(): void {
    const count = Math.max(this.#removed.length, this.#added.length);
    for (let i = 0; i < count; i++) {
      this.#rows.push({ before: this.#removed[i], after: this.#added[i], isSame: false });
    }
    [this.#removed, this.#added] = [[], []];
  }
}

import type { Transcript } from "@bough/gitstate";
import { withVisibleText } from "../json-document.ts";

/**
 * Writes a whole conversation as one JSON document. Programs read it: a change that takes something away or gives it
 * another meaning makes it another format. What is unknown is null; a value that a step or block lacks is left out.
 */
export function transcriptJson(transcript: Transcript): string {
  const { session, branch, tip, base, model, usage, cost, entries, commits } = transcript;
  const document = {
    format: 1,
    session,
    branch: branch ?? null,
    tip,
    base: base ?? null,
    ...spent({ model, usage, cost }),
    entries: entries.map((entry) => {
      if (entry.type === "outside") return { type: "outside", commit: entry.commit };
      const { type, step, turn, commit = null, extra, blocks } = entry;
      return { type, session: entry.session, step, turn, commit, ...spent(entry), extra, blocks };
    }),
    commits: commits.map(({ id, subject, author, date, files }) => ({
      commit: id,
      subject,
      author,
      date,
      files: files.map(({ path, from = null, added = null, removed = null }) => ({ path, from, added, removed })),
    })),
  };
  return `${withVisibleText(JSON.stringify(document, undefined, 2))}\n`;
}

function spent({ model, usage, cost }: Pick<Transcript, "model" | "usage" | "cost">) {
  return { model: model ?? null, usage: usage ?? null, cost: cost ?? null };
}

import type { PermissionMode } from "./modes.ts";
import { pathPattern } from "./path-pattern.ts";
import type { Rule, Rules } from "./rule.ts";

/** Where files are that rules are about. */
export interface FilePlace {
  readonly mode: PermissionMode;
  readonly rules: Rules;
  /** The root of the worktree. */
  readonly root: string;
  /** The root of the user's checkout: a rule that is about a file in one is about the same in the other. */
  readonly checkout: string;
  readonly home: string;
}

/** The tools that a rule about reading files is about as well. */
export const READERS: ReadonlySet<string> = new Set(["Read", "Grep", "Find", "Ls"]);

/** Compiles the path of a rule to a test of absolute ones, in the worktree or in the checkout it stands for. */
export function filePattern(specifier: string, place: Omit<FilePlace, "mode">): (path: string) => boolean {
  // Where capitals make no difference they must not make one here either.
  const lower = (text: string) => text.toLowerCase();
  const patterns = [place.root, place.checkout].map((root) =>
    pathPattern(lower(specifier), { root: lower(root), home: lower(place.home) }),
  );
  return (path) => patterns.some((matches) => matches(lower(path)));
}

/** The rules that keep single files from a tool, and the test of absolute paths that they come to. */
export function hidingRules(
  tool: string,
  named: readonly string[],
  place: FilePlace,
): { readonly rules: readonly string[]; hides(path: string): boolean } {
  const { deny, ask } = place.rules;
  const about = (rules: readonly Rule[]) =>
    rules.flatMap(({ text, tool: name, specifier }) => {
      const isAboutReading = name === "Read" || (name === tool && READERS.has(tool));
      if (specifier === undefined || !isAboutReading) return [];
      return [{ text, matches: filePattern(specifier, place) }];
    });
  // What a call names was asked about, and what it comes by on the way was not.
  const unasked = place.mode === "bypassPermissions" ? [] : about(ask).filter(({ matches }) => !named.some(matches));
  const hiding = [...about(deny), ...unasked];
  return {
    rules: hiding.map(({ text }) => text),
    hides: (path) => hiding.some(({ matches }) => matches(path)),
  };
}

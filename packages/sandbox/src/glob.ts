/** One element of a name's pattern: a literal character, any one, any number, or one of (or none of) some ranges. */
type Piece =
  | { readonly type: "literal"; readonly character: string }
  | { readonly type: "one" }
  | { readonly type: "many" }
  | { readonly type: "class"; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

type Segment = "folders" | readonly Piece[];

const mostAlternatives = 1_000;

/**
 * Compiles a glob to a test of relative paths: `*`, `?`, `[a-z]`, `{a,b}`, `**` for any number of folders, `!` in front
 * for all others. Without a slash it is about the name in any folder. The time it takes grows with pattern times path.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  if (glob.startsWith("!")) {
    const excluded = compileGlob(glob.slice(1));
    return (path) => !excluded(path);
  }
  const alternatives = expandBraces(glob).map(compilePath);
  return (path) => {
    const names = path.split("/");
    return alternatives.some((segments) =>
      matchSequence(segments, names, (segment) => segment === "folders", matchesName),
    );
  };
}

function compilePath(glob: string): Segment[] {
  const plain = glob.replace(/^\.?\/+/, "").replace(/\/+$/, "");
  const parts = plain.split("/");
  // Without a slash anywhere it is about names; what ends in `/**` is about what is inside.
  if (!glob.replace(/\/+$/, "").includes("/")) parts.unshift("**");
  if (parts.at(-1) === "**") parts.push("*");
  return parts.map((part) => (part === "**" ? "folders" : compileName(part)));
}

function compileName(glob: string): Piece[] {
  const characters = [...glob];
  const pieces: Piece[] = [];
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? "";
    const end = character === "[" ? characters.indexOf("]", index + (isNegation(characters[index + 1]) ? 3 : 2)) : -1;
    if (character === "*") pieces.push({ type: "many" });
    else if (character === "?") pieces.push({ type: "one" });
    else if (end > index) {
      pieces.push(compileClass(characters.slice(index + 1, end)));
      index = end;
    } else if (character === "\\" && index + 1 < characters.length) {
      index += 1;
      pieces.push({ type: "literal", character: characters[index] ?? "" });
    } else pieces.push({ type: "literal", character });
  }
  return pieces;
}

function compileClass(characters: readonly string[]): Piece {
  const negated = isNegation(characters[0]);
  const members = negated ? characters.slice(1) : characters;
  const ranges: [string, string][] = [];
  for (let index = 0; index < members.length; index += 1) {
    const from = members[index] ?? "";
    const to = members[index + 2];
    if (members[index + 1] === "-" && to !== undefined) {
      ranges.push([from, to]);
      index += 2;
    } else ranges.push([from, from]);
  }
  return { type: "class", negated, ranges };
}

function isNegation(character: string | undefined): boolean {
  return character === "!" || character === "^";
}

function matchesName(segment: Segment, name: string): boolean {
  if (segment === "folders") return true;
  return matchSequence(segment, [...name], (piece) => piece.type === "many", matchesCharacter);
}

function matchesCharacter(piece: Piece, character: string): boolean {
  switch (piece.type) {
    case "literal":
      return piece.character === character;
    case "class":
      return piece.negated !== piece.ranges.some(([from, to]) => from <= character && character <= to);
    case "one":
    case "many":
      return true;
    default:
      return piece satisfies never;
  }
}

/** Matches with the last "any number" pattern taking up what the others leave; trying an earlier one finds no more. */
function matchSequence<Pattern, Item>(
  patterns: readonly Pattern[],
  items: readonly Item[],
  isMany: (pattern: Pattern) => boolean,
  matches: (pattern: Pattern, item: Item) => boolean,
): boolean {
  let next = 0;
  let afterMany = -1;
  let takenByMany = 0;
  let index = 0;
  for (;;) {
    const pattern = patterns[next];
    const item = items[index];
    if (pattern !== undefined && isMany(pattern)) {
      next += 1;
      afterMany = next;
      takenByMany = index;
    } else if (item === undefined) {
      return pattern === undefined;
    } else if (pattern !== undefined && matches(pattern, item)) {
      next += 1;
      index += 1;
    } else if (afterMany >= 0) {
      takenByMany += 1;
      next = afterMany;
      index = takenByMany;
    } else {
      return false;
    }
  }
}

/** `a{b,c}` as `ab` and `ac`; braces that are escaped, unpaired or without a comma stay as they are. */
function expandBraces(glob: string): string[] {
  const expanded: string[] = [];
  const ahead = [glob];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const group = firstBraces(next);
    if (group === undefined) expanded.push(next);
    else ahead.push(...group);
    if (expanded.length + ahead.length > mostAlternatives) {
      throw new Error(`The glob ${JSON.stringify(glob)} stands for more than ${mostAlternatives} patterns.`);
    }
  }
  return expanded;
}

function firstBraces(glob: string): string[] | undefined {
  const opened: { at: number; commas: number[] }[] = [];
  for (let index = 0; index < glob.length; index += 1) {
    const character = glob[index];
    if (character === "\\") index += 1;
    else if (character === "{") opened.push({ at: index, commas: [] });
    else if (character === ",") opened.at(-1)?.commas.push(index);
    else if (character === "}") {
      const group = opened.pop();
      if (group === undefined || group.commas.length === 0) continue;
      const bounds = [group.at, ...group.commas, index];
      return bounds.slice(1).map((bound, position) => {
        return glob.slice(0, group.at) + glob.slice((bounds[position] ?? 0) + 1, bound) + glob.slice(index + 1);
      });
    }
  }
  return undefined;
}

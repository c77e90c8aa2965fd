/**
 * Characters that a terminal would obey, that change the order or presence of what is read, or that cannot be seen:
 * controls but for line feed and tab, lone surrogates, noncharacters, format controls (bidi, zero-width, tags),
 * line and paragraph separators.
 */
const hazards = onDemand(
  () =>
    new RegExp(
      [
        String.raw`\r\n`,
        String.raw`[^\P{Cc}\n\t]`,
        String.raw`[\p{Cs}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]`,
        String.raw`[\u{fff9}-\u{fffb}]`,
      ].join("|"),
      "gu",
    ),
);

const variationSelector = /^\p{Variation_Selector}$/u;
const visibleBefore = /[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;
const variationSelectorBefore = /\p{Variation_Selector}$/u;
const zeroWidthNonJoiner = "\u200c";
const zeroWidthJoiner = "\u200d";
const pictographBefore = /\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)?$/u;
const pictographAfter = /^\p{Extended_Pictographic}/u;
// Persian and the scripts of India spell with joiners and non-joiners.
const joiningScripts = ["Arab", "Beng", "Deva", "Gujr", "Guru", "Knda", "Mlym", "Orya", "Sinh", "Syrc", "Taml", "Telu"];
// Controls of these scripts are hazards themselves.
const joiningLetter = String.raw`(?!\p{Cf})[${joiningScripts.map((script) => String.raw`\p{Script=${script}}`).join("")}]`;
const joiningBefore = onDemand(() => new RegExp(`${joiningLetter}$`, "u"));
const joiningAfter = onDemand(() => new RegExp(`^${joiningLetter}`, "u"));

/**
 * Makes any text safe to print: what a terminal would obey or hide is written out as an escape such as `\x1b` or
 * `\u202e`. Line breaks, tabs and ordinary text, emoji included, stay as they are.
 */
export function escapeForTerminal(text: string): string {
  return escapeAfter("", text);
}

/** Does the same with a text that goes on after another. */
export function escapeAfter(start: string, text: string): string {
  if (/^[ -~\n\t]*$/.test(text)) return text;
  return text.replace(hazards(), (character, index: number) => {
    const before = (index < 16 ? start : "") + text.slice(Math.max(0, index - 16), index);
    const after = text.slice(index + character.length, index + character.length + 2);
    return isOrdinary(character, before, after) ? character : escapeOf(character);
  });
}

/** Whether a character of the suspicious kinds does its proper work here. */
function isOrdinary(character: string, before: string, after: string): boolean {
  if (character === "\r\n") return true;
  // A selector picks the form of the one character before it.
  if (variationSelector.test(character)) return visibleBefore.test(before) && !variationSelectorBefore.test(before);
  if (character !== zeroWidthJoiner && character !== zeroWidthNonJoiner) return false;
  if (joiningBefore().test(before) && joiningAfter().test(after)) return true;
  return character === zeroWidthJoiner && pictographBefore.test(before) && pictographAfter.test(after);
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\u{${code.toString(16)}}`;
}

/** Building these takes milliseconds, and many runs print nothing that they would be needed for. */
function onDemand<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

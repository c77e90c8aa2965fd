import type { Input } from "./input.ts";
import { byLetter, byNumber, characterKey, chord, controlKey } from "./key-names.ts";

const ESCAPE = "\x1b";
const PASTE_END = "\x1b[201~";
/** Characters of an answer that never ends, before it is taken for noise. */
const LONGEST_SEQUENCE = 4096;
/** Characters of a paste that are taken in; who pastes more meant a file. */
const LONGEST_PASTE = 16 * 1024 * 1024;

/** What stands at the beginning of a text: an input and its length, nothing of use, or too little to tell. */
type Taken = { readonly length: number; readonly input?: Input } | "more";

/**
 * Turns the bytes of a terminal into keys, pastes and answers, in every form that terminals write them, however the
 * bytes are cut. What is no sequence that is known is passed over, and never taken for typed text.
 */
export class Decoder {
  readonly #utf8 = new TextDecoder("utf-8");
  #rest = "";
  /** What was pasted so far, while the paste goes on. */
  #paste: string | undefined;

  /** Whether an Escape waits for what may follow it; see {@link Decoder.flush}. */
  get isWaiting(): boolean {
    return this.#rest !== "" && this.#paste === undefined;
  }

  /** Takes in bytes, and returns what they complete. */
  push(bytes: Uint8Array): Input[] {
    return this.#read(this.#utf8.decode(bytes, { stream: true }));
  }

  /** Says that nothing follows for now: an Escape that waits is the key. */
  flush(): Input[] {
    if (!this.isWaiting) return [];
    const [first = "", ...others] = this.#rest;
    this.#rest = "";
    if (first !== ESCAPE) return [];
    // Alt and a bracket, or the beginning of a sequence that lost its end.
    if (others.length === 0) return [{ type: "key", key: "escape" }];
    const only = others.length === 1 ? (others[0] ?? "") : "";
    return only === "" ? [] : [{ type: "key", key: only === ESCAPE ? "M-escape" : chord(only.toLowerCase(), 2) }];
  }

  #read(text: string): Input[] {
    const inputs: Input[] = [];
    let rest = this.#rest + text;
    while (rest !== "") {
      if (this.#paste !== undefined) {
        const { input, left } = this.#readPaste(this.#paste, rest);
        rest = left;
        if (input === undefined) break;
        inputs.push(input);
        continue;
      }
      const taken = take(rest);
      if (taken === "more") break;
      if (rest.startsWith("\x1b[200~")) this.#paste = "";
      else if (taken.input !== undefined) inputs.push(taken.input);
      rest = rest.slice(taken.length);
    }
    this.#rest = rest.length > LONGEST_SEQUENCE && this.#paste === undefined ? "" : rest;
    return inputs;
  }

  #readPaste(before: string, rest: string): { readonly input?: Input; readonly left: string } {
    const end = rest.indexOf(PASTE_END);
    if (end !== -1) {
      this.#paste = undefined;
      const text = (before + rest.slice(0, end)).slice(0, LONGEST_PASTE).replaceAll(/\r\n?/g, "\n");
      return { input: { type: "paste", text }, left: rest.slice(end + PASTE_END.length) };
    }
    // The end may be cut in two.
    const keep = partOfEnd(rest);
    this.#paste = (before + rest.slice(0, rest.length - keep)).slice(0, LONGEST_PASTE);
    return { left: rest.slice(rest.length - keep) };
  }
}

function partOfEnd(text: string): number {
  for (let length = Math.min(PASTE_END.length - 1, text.length); length > 0; length--) {
    if (PASTE_END.startsWith(text.slice(-length))) return length;
  }
  return 0;
}

function take(text: string): Taken {
  const code = text.codePointAt(0) ?? 0;
  if (text[0] === ESCAPE) return takeEscaped(text);
  const length = code > 0xffff ? 2 : 1;
  if (code < 0x20 || code === 0x7f) return { length, input: { type: "key", ...controlKey(code, 0) } };
  // What a terminal would take for the beginning of a sequence is none that anybody typed.
  if ((code >= 0x80 && code < 0xa0) || code === 0xfffd) return { length };
  return { length, input: { type: "key", ...characterKey(code, 0) } };
}

function takeEscaped(text: string): Taken {
  const second = text[1];
  switch (second) {
    case undefined:
      return "more";
    case "[":
      return takeCsi(text);
    case "O":
      return takeSs3(text);
    case "]":
      return takeString(text, "osc");
    case "P":
      return takeString(text, "dcs");
    case "_":
    case "^":
      return takeString(text, undefined);
    case ESCAPE:
      return takeTwice(text);
    default:
      return takeAlt(text);
  }
}

/** Alt with a character. */
function takeAlt(text: string): Taken {
  const code = text.codePointAt(1) ?? 0;
  const key = code < 0x20 || code === 0x7f ? controlKey(code, 2) : characterKey(code, 2);
  return { length: code > 0xffff ? 3 : 2, input: { type: "key", key: key.key } };
}

/** Some terminals write Alt with a key as an Escape before its sequence. */
function takeTwice(text: string): Taken {
  if (text.length === 2) return "more";
  if (text[2] !== "[" && text[2] !== "O") return { length: 1, input: { type: "key", key: "escape" } };
  const taken = takeEscaped(text.slice(1));
  if (taken === "more") return taken;
  const { length, input } = taken;
  const isKey = input?.type === "key" && !input.key.includes("M-");
  return { length: length + 1, input: isKey ? { type: "key", key: withAlt(input.key) } : input };
}

function withAlt(key: string): string {
  return key.startsWith("C-") ? `C-M-${key.slice(2)}` : `M-${key}`;
}

function takeSs3(text: string): Taken {
  if (text.length === 2) return "more";
  const [, modifier, letter = ""] = /^(\d?)(.)/s.exec(text.slice(2)) ?? [];
  if (letter === "") return "more";
  const length = 3 + (modifier?.length ?? 0);
  const name = byLetter[letter];
  if (name === undefined) return { length };
  return { length, input: { type: "key", key: chord(name, bitsOf(modifier)) } };
}

/** Parameters, then intermediates, then one that ends it: ECMA-48, 5.4. */
const csi = /^([0-?]*)([ -/]*)([@-~])?/;

function takeCsi(text: string): Taken {
  const [matched = "", parameters = "", intermediates = "", final] = csi.exec(text.slice(2)) ?? [];
  const length = 2 + matched.length;
  if (final === undefined) {
    // Something that no sequence holds ends it; it is taken by itself.
    return length < text.length ? { length } : "more";
  }
  if (final === "M" && parameters === "" && intermediates === "") {
    return text.length < 6 ? "more" : { length: 6, input: readMouse(text.slice(3, 6)) };
  }
  const input = intermediates === "" ? readCsi(parameters, final) : undefined;
  return { length, input: input ?? readReply(parameters, intermediates, final) };
}

function readCsi(parameters: string, final: string): Input | undefined {
  const [first = "", second = ""] = parameters.split(";");
  // A key that is let go, where a terminal tells of that too.
  const isRelease = second.split(":")[1] === "3";
  const bits = bitsOf(second.split(":")[0]);
  if (parameters.startsWith("<")) return final === "M" || final === "m" ? readSgrMouse(parameters, final) : undefined;
  if (!/^[\d;:]*$/.test(parameters)) return undefined;
  if (final === "u") return isRelease ? undefined : readCharacter(first, bits);
  if (final === "~") {
    const [, modifier, code = ""] = parameters.split(";");
    if (first === "27" && code !== "") return readCharacter(code, bitsOf(modifier));
    return named(byNumber[first], isRelease ? undefined : bits);
  }
  if (final === "Z") return { type: "key", key: chord("tab", bits | 1) };
  if (final === "I" || final === "O") return { type: "focus", has: final === "I" };
  // Row 1 and a column up to 16 may be F3 with modifiers, and is taken for that: ask on another row.
  if (final === "R" && second !== "" && !(first === "1" && Number(second) <= 16)) {
    return { type: "cursor", row: Number(first) - 1, column: Number(second) - 1 };
  }
  return named(byLetter[final], isRelease ? undefined : bits);
}

function named(name: string | undefined, bits: number | undefined): Input | undefined {
  return name === undefined || bits === undefined ? undefined : { type: "key", key: chord(name, bits) };
}

/** Of a key that stands for several codes the first is meant. */
function readCharacter(parameter: string, bits: number): Input | undefined {
  const code = Number(parameter.split(":")[0]);
  const isCharacter = Number.isInteger(code) && code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
  if (!isCharacter) return undefined;
  const isControl = code < 0x20 || (code >= 0x80 && code < 0xa0);
  if (isControl && ![9, 13, 27].includes(code)) return undefined;
  // Keys without a character have numbers in a private part of Unicode.
  if (code >= 57344 && code <= 63743 && code !== 57414) return undefined;
  return { type: "key", ...characterKey(code, bits) };
}

/** Modifiers are written as their bits and one. */
function bitsOf(parameter: string | undefined): number {
  const value = Number(parameter);
  return Number.isInteger(value) && value > 0 ? (value - 1) & 7 : 0;
}

function readSgrMouse(parameters: string, final: "M" | "m"): Input | undefined {
  const [bits = Number.NaN, column = 0, row = 0] = parameters.slice(1).split(";").map(Number);
  return mouse(bits, { column: column - 1, row: row - 1, isRelease: final === "m" });
}

/** Three characters that each hold a number and 32. */
function readMouse(encoded: string): Input | undefined {
  const [bits = 0, column = 0, row = 0] = Array.from(encoded, (character) => character.charCodeAt(0) - 32);
  return mouse(bits, { column: column - 1, row: row - 1, isRelease: (bits & 3) === 3 && bits < 64 });
}

function mouse(
  bits: number,
  { row, column, isRelease }: { readonly row: number; readonly column: number; readonly isRelease: boolean },
): Input | undefined {
  if (!Number.isInteger(bits) || row < 0 || column < 0) return undefined;
  const button = (["left", "middle", "right"] as const)[bits & 3] ?? "left";
  if (bits & 64) {
    const what = (["wheel-up", "wheel-down"] as const)[bits & 3];
    return what === undefined ? undefined : { type: "mouse", what, button: "left", row, column };
  }
  const what = isRelease ? "release" : bits & 32 ? "drag" : "press";
  return { type: "mouse", what, button, row, column };
}

function readReply(parameters: string, intermediates: string, final: string): Input | undefined {
  // Only answers begin with these.
  if (!/^[?>=]/.test(parameters)) return undefined;
  return { type: "reply", kind: "csi", text: parameters + intermediates + final };
}

/** Ends with ST or BEL; an Escape before anything else ends it too. */
function takeString(text: string, kind: "osc" | "dcs" | undefined): Taken {
  const ends = ["\x07", ESCAPE].map((end) => text.indexOf(end, 2)).filter((at) => at !== -1);
  if (ends.length === 0) return text.length > LONGEST_SEQUENCE ? { length: text.length } : "more";
  const at = Math.min(...ends);
  if (text[at] === ESCAPE && text.length === at + 1) return "more";
  const length = text[at] === ESCAPE ? (text[at + 1] === "\\" ? at + 2 : at) : at + 1;
  return kind === undefined ? { length } : { length, input: { type: "reply", kind, text: text.slice(2, at) } };
}

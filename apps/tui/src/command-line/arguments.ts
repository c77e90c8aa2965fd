import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { UsageError } from "../exit-code.ts";
import { type Flag, flags, type ValueFlag } from "./flags.ts";
import { nearest } from "./nearest.ts";

/** What the arguments hold, before it is known which command they are for. */
export interface Arguments {
  /** What is neither a flag nor a flag's value, in order. */
  readonly operands: readonly string[];
  /** The first operand, where it can be a command: not behind `--`, and not the prompt behind `-p`. */
  readonly word: string | undefined;
  /** The flags that were given, with their text; the last one counts when a flag was given twice. */
  readonly flags: ReadonlyMap<Flag, string | undefined>;
}

/** Reads a flag's value, if the flag was given. */
export function flagValue<T>(args: Arguments, flag: ValueFlag<T>): T | undefined {
  const text = args.flags.get(flag);
  if (text === undefined) return undefined;
  const parsed = flag.value.parse(text);
  if (parsed.ok) return parsed.value;
  throw new UsageError(`--${flag.name} takes ${parsed.expected}, not "${text}".`);
}

/** Takes the arguments apart; a flag that is not in the table is an error, whatever else was asked for. */
export function readArguments(args: readonly string[]): Arguments {
  const given = new Map<Flag, string | undefined>();
  const operands: string[] = [];
  let word: string | undefined;
  let wordIsOver = false;

  for (const token of parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true }).tokens) {
    if (token.kind === "option-terminator") {
      wordIsOver = true;
    } else if (token.kind === "positional") {
      if (!wordIsOver) word = token.value;
      wordIsOver = true;
      operands.push(token.value);
    } else {
      const name = nameOf(token);
      if (name.flag === flags.print) {
        wordIsOver = true;
        // `--print=<prompt>`: the prompt is an operand whichever way it is written.
        if (token.value !== undefined) operands.push(token.value);
        given.set(name.flag, undefined);
      } else {
        given.set(name.flag, textOf(token, name));
      }
    }
  }
  return { operands, word, flags: given };
}

/** A name on the command line: its flag, and the value that the name stands for, where it does. */
interface Name {
  readonly flag: Flag;
  readonly value?: string;
}

const names = new Map<string, Name>();
const options: ParseArgsOptionsConfig = {};

for (const flag of Object.values<Flag>(flags)) {
  for (const { name, value } of [{ name: flag.name, value: undefined }, ...(flag.aliases ?? [])]) {
    names.set(name, { flag, value });
    const type = flag.value === undefined || value !== undefined ? "boolean" : "string";
    options[name] = name === flag.name && flag.short !== undefined ? { type, short: flag.short } : { type };
  }
}

interface Token {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string;
  readonly inlineValue?: boolean;
}

function nameOf({ name, rawName }: Token): Name {
  const found = names.get(name);
  if (found !== undefined) return found;
  const near = rawName.startsWith("--") ? nearest(name, [...names.keys()]) : undefined;
  const suggestion = near === undefined ? "" : ` Did you mean --${near}?`;
  throw new UsageError(`Unknown flag ${rawName}.${suggestion} \`bough --help\` lists the flags.`);
}

function textOf(token: Token, { flag, value }: Name): string | undefined {
  const { rawName } = token;
  if (flag.value === undefined || value !== undefined) {
    if (token.value !== undefined) throw new UsageError(`${rawName} takes no value.`);
    return value;
  }
  if (token.value === undefined) throw new UsageError(`${rawName} needs a value: ${rawName} ${flag.value.name}`);
  if (!token.inlineValue && /^--?[a-z][\w-]*(=|$)/i.test(token.value)) {
    throw new UsageError(`${rawName} needs a value. If ${token.value} is meant as one: --${flag.name}=${token.value}`);
  }
  return token.value;
}

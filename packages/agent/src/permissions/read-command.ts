import { type Assignment, type Command, forEachChild, parse, type Redirection, type SyntaxNode } from "unbash";
import { whyComputing } from "./hidden-arithmetic.ts";
import { fixedText, readWord, type ShellWord } from "./shell-word.ts";

/** One command without the shell's grammar around it: a program and its arguments. */
export interface SimpleCommand {
  /** The program's name and its arguments; empty where there are only assignments and redirections. */
  readonly words: readonly ShellWord[];
  /** Variables it sets, for itself or for what follows. */
  readonly sets: readonly string[];
  /** Files its output is redirected to. */
  readonly writes: readonly ShellWord[];
  /** Files its input is redirected from. */
  readonly reads: readonly ShellWord[];
  /** Whether it is told on standard input, by the text itself, what to do. */
  readonly isFed: boolean;
}

/** What a shell would run for a text. */
export interface CommandReading {
  /** In the order of the text, whatever holds them: pipelines, lists, loops, substitutions, functions. */
  readonly commands: readonly SimpleCommand[];
  /** Why more may run than `commands`; undefined when nothing else can. */
  readonly unclear: string | undefined;
}

// A person and bash take these for different things; joiners do their work in names and signs of many languages.
const INVISIBLE = /(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** Wherever the shell expects a number it expands the index of an array, also within quotes. */
const HIDDEN_INDEX = /\[[^\]]*(?:\$[({]|`)/s;

/** Reads a command line of bash into the simple commands it may run. */
export function readCommand(text: string): CommandReading {
  const commands: SimpleCommand[] = [];
  let unclear = INVISIBLE.test(text) ? "it holds characters that cannot be seen" : undefined;
  const visit = (node: SyntaxNode): void => {
    unclear ??= whyUnclear(node) ?? whyComputing(node);
    if (node.type === "Command") commands.push(simpleCommand(node));
    else if (node.type === "Redirected") commands.push({ ...NOTHING, ...redirections(node.redirects) });
    else if (node.type === "For" || node.type === "Select") {
      commands.push({ ...NOTHING, sets: [fixedText(readWord(node.name)) ?? ""] });
    }
    forEachChild(node, visit);
  };
  visit(parse(text));
  return { commands, unclear };
}

const NOTHING: SimpleCommand = { words: [], sets: [], writes: [], reads: [], isFed: false };

function whyUnclear(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case "Script":
      return node.errors?.[0] === undefined
        ? undefined
        : `bash may not take it as it looks (${node.errors[0].message})`;
    case "ParameterExpansion": {
      if (node.prefix === "!") return `${node.text} is what a variable names`;
      const type = node.operation?.type;
      if (type === "Transform" || type === "Unknown") return `${node.text} runs what a variable holds`;
      // It assigns, and a variable can be a program's undoing.
      return type === "Default" && node.operation?.operator.includes("=") ? `${node.text} sets a variable` : undefined;
    }
    case "Command":
      return setsByText(node) ? "a variable is set by what a text holds, which can run a command" : undefined;
    case "ArithmeticWord":
      // A variable's value is an expression again, and may hold a command.
      return /^\d+$/.test(node.value) ? undefined : "it computes with variables, which can run what they hold";
    case "Word": {
      const value = fixedText(readWord(node));
      return value !== undefined && HIDDEN_INDEX.test(value) ? `${node.text} can run a command` : undefined;
    }
    case "Coproc":
      return "it starts a co-process";
    default:
      return undefined;
  }
}

const DECLARING = new Set(["declare", "typeset", "local", "export", "readonly"]);

/** A list that is assigned by a text, as in `declare 'a=($(…))'`, is expanded once more. */
function setsByText({ name, args }: Command): boolean {
  if (name === undefined || !DECLARING.has(fixedText(readWord(name)) ?? "")) return false;
  return args.some((word) => {
    if (word.type !== "Word") return false;
    const text = fixedText(readWord(word));
    // With -i a value is computed, with -n it names another variable.
    return text === undefined || /[$`]|^-[a-zA-Z]*[in]/.test(text);
  });
}

function simpleCommand({ name, prefix, args, redirects }: Command): SimpleCommand {
  const assigned = prefix.filter((part) => part.type === "Assignment");
  return {
    words: name === undefined ? [] : [readWord(name), ...args.map(argument)],
    sets: [...assigned, ...args.filter((arg) => arg.type === "Assignment")].map(({ name }) => name),
    ...redirections(redirects),
  };
}

function argument(word: Command["args"][number]): ShellWord {
  return word.type === "Word" ? readWord(word) : assignmentWord(word);
}

function assignmentWord({ name, value }: Assignment): ShellWord {
  const text = value.type === "Word" ? fixedText(readWord(value)) : undefined;
  return text === undefined ? { type: "open" } : { type: "fixed", text: `${name}=${text}` };
}

/** Streams that are no files. */
const STREAMS = new Set(["/dev/null", "/dev/stdout", "/dev/stderr", "/dev/fd/1", "/dev/fd/2"]);

function redirections(redirects: readonly Redirection[]): Pick<SimpleCommand, "writes" | "reads" | "isFed"> {
  const writes: ShellWord[] = [];
  const reads: ShellWord[] = [];
  for (const redirect of redirects) {
    if (redirect.type !== "Redirect" || redirect.target === undefined) continue;
    const { operator } = redirect;
    const word = readWord(redirect.target);
    const text = fixedText(word);
    const isStream = text !== undefined && (STREAMS.has(text) || (operator.endsWith("&") && /^(\d+-?|-)$/.test(text)));
    if (isStream) continue;
    if (operator === "<" || operator === "<&" || operator === "<>") reads.push(word);
    if (operator !== "<" && operator !== "<&") writes.push(word);
  }
  return { writes, reads, isFed: redirects.some(({ type }) => type !== "Redirect") };
}

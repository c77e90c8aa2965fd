import type { Command, SyntaxNode, Word } from "unbash";
import { fixedText, readWord } from "./shell-word.ts";

/** What is a number whatever variables hold; any other word is an expression to bash, with commands in the index of an array. */
const NUMBER = /^(?:[-+]?\d+|\$[#?]|\$\{#\w*\})$/;
const NAME = /^[A-Za-z_]\w*(?:\[\d+\])?$/;

/** Says why a part of a command computes with what variables hold, which can run a command; undefined where it does not. */
export function whyComputing(node: SyntaxNode): string | undefined {
  const computed = computedWords(node).find((word) => !NUMBER.test(plain(word)));
  if (computed !== undefined) return `it computes with ${computed.text}, which can run what it holds`;
  if (node.type === "TestUnary" && /^-[vR]$/.test(node.operator) && !NAME.test(fixed(node.operand) ?? "")) {
    return `it looks for the variable ${node.operand.text}, which can run a command`;
  }
  return node.type === "Command" ? whyTesting(node) : undefined;
}

function computedWords(node: SyntaxNode): readonly Word[] {
  switch (node.type) {
    case "TestBinary":
      return /^-(?:eq|ne|l[te]|g[te])$/.test(node.operator) ? [node.left, node.right] : [];
    case "ParameterExpansion": {
      const { index, operation } = node;
      const slice = operation?.type === "Slice" ? [operation.offset, operation.length] : [];
      return [/^[@*]$/.test(index?.text ?? "") ? undefined : index, ...slice].filter((word) => word !== undefined);
    }
    case "Assignment":
      return node.index === undefined ? [] : [node.index];
    case "ArrayValue":
      return node.elements.filter(({ text }) => /^\[(?!\d+\])/.test(text));
    default:
      return [];
  }
}

const JUDGING_TWO = /^(?:==?|!=|[<>]|-(?:eq|ne|l[te]|g[te]|nt|ot|ef))$/;
const JUDGING_ONE = /^-[a-zA-Z]$/;

/** `test -v` looks a variable up by a text as well, and what a variable holds may be the option. */
function whyTesting({ name, args }: Command): string | undefined {
  const program = name === undefined ? undefined : fixed(name);
  if (program !== "test" && program !== "[") return undefined;
  const words = args.filter((word) => word.type === "Word");
  const texts = words.map(fixed);
  const isOpen = (word: Word, at: number) => {
    if (texts[at] !== undefined || NUMBER.test(plain(word))) return false;
    const [before = "", behind = ""] = [texts[at - 1], texts[at + 1]];
    const isJudged = JUDGING_ONE.test(before) || JUDGING_TWO.test(before) || JUDGING_TWO.test(behind);
    return !isOneWord(word) || !isJudged || /^-[vR]$/.test(before);
  };
  const open = words.find(isOpen);
  return open && `${program} can take ${open.text} for a variable's name, which can run a command`;
}

/** Between quotes nothing is split but lists. */
function isOneWord({ parts, text }: Word): boolean {
  if (/\$@|\$\{@|\[@\]/.test(text)) return false;
  return parts?.every(({ type }) => type === "DoubleQuoted" || type === "SingleQuoted" || type === "Literal") ?? true;
}

function fixed(word: Word): string | undefined {
  return fixedText(readWord(word));
}

function plain({ text }: Word): string {
  return text.trim().replace(/^"(.*)"$/, "$1");
}

/** A subject is looked for where a reader would: at the beginning. */
const LOOKED_AT = 10_000;
const LINE_LENGTH = 500;

/** Made when it is first needed: loading its rules takes longer than a commit. */
let segmenter: Intl.Segmenter | undefined;

/** Yields the sentences at the beginning of a Markdown text, without its marks; code blocks, tables and tags hold none. */
export function* plainSentences(markdown: string): Generator<string> {
  segmenter ??= new Intl.Segmenter("en", { granularity: "sentence" });
  for (const line of prose(markdown.slice(0, LOOKED_AT))) {
    for (const { segment } of segmenter.segment(withoutMarks(line.slice(0, LINE_LENGTH)))) {
      const sentence = segment.trim();
      if (/[\p{Letter}\p{Number}]/u.test(sentence)) yield sentence;
    }
  }
}

function* prose(markdown: string): Generator<string> {
  let fence = "";
  for (const line of markdown.split(/\r\n|\r|\n/)) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    if (fence === "" && mark === "" && !/^\s*(?:\||<\/?[\w-]+>\s*$)/.test(line)) yield line;
    if (fence === "") fence = mark;
    else if (mark.startsWith(fence) && line.trim() === mark) fence = "";
  }
}

function withoutMarks(line: string): string {
  return line
    .replace(/^(?:\s|>|[#*+•–—-]+\s|\d+[.)]\s|\[[ xX]\]\s)+/, "")
    .split(/(`+[^`]+`+)/)
    .map((part, index) => (index % 2 === 0 ? withoutInlineMarks(part) : part.replaceAll("`", "").trim()))
    .join("")
    .replace(/^(?:\p{Extended_Pictographic}|\u{fe0f}|\u{200d}|\s)+/u, "")
    .replace(/\s+#+\s*$/, "");
}

function withoutInlineMarks(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)\s]*(?:\s+"[^"]*")?\)/g, "$1")
    .replace(/<((?:https?|mailto):[^>\s]+)>/g, "$1")
    .replace(/(\*{1,3}|~~)(?=\S)(.*?\S)\1/g, "$2")
    .replace(/(?<![\p{Letter}\p{Number}_])(_{1,3})(?=\S)(.*?\S)\1(?![\p{Letter}\p{Number}_])/gu, "$2")
    .replace(/\\([\\`*_{}[\]()#+\-.!>~|])/g, "$1");
}

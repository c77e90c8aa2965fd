import type { HLJSApi, LanguageFn } from "highlight.js";
import type { Line, Role, Span } from "../text/line.ts";
import { span } from "./inline.ts";

/** A block of more characters is shown without colours: nobody reads it for them. */
const LONGEST = 100_000;

/** The languages that are known, each loaded when it is met; their other names are highlight.js's own. */
const languages: Readonly<Record<string, () => Promise<{ default: LanguageFn }>>> = {
  bash: () => import("highlight.js/lib/languages/bash"),
  c: () => import("highlight.js/lib/languages/c"),
  cpp: () => import("highlight.js/lib/languages/cpp"),
  csharp: () => import("highlight.js/lib/languages/csharp"),
  css: () => import("highlight.js/lib/languages/css"),
  diff: () => import("highlight.js/lib/languages/diff"),
  dockerfile: () => import("highlight.js/lib/languages/dockerfile"),
  elixir: () => import("highlight.js/lib/languages/elixir"),
  go: () => import("highlight.js/lib/languages/go"),
  graphql: () => import("highlight.js/lib/languages/graphql"),
  haskell: () => import("highlight.js/lib/languages/haskell"),
  ini: () => import("highlight.js/lib/languages/ini"),
  java: () => import("highlight.js/lib/languages/java"),
  javascript: () => import("highlight.js/lib/languages/javascript"),
  json: () => import("highlight.js/lib/languages/json"),
  kotlin: () => import("highlight.js/lib/languages/kotlin"),
  lua: () => import("highlight.js/lib/languages/lua"),
  makefile: () => import("highlight.js/lib/languages/makefile"),
  markdown: () => import("highlight.js/lib/languages/markdown"),
  perl: () => import("highlight.js/lib/languages/perl"),
  php: () => import("highlight.js/lib/languages/php"),
  python: () => import("highlight.js/lib/languages/python"),
  ruby: () => import("highlight.js/lib/languages/ruby"),
  rust: () => import("highlight.js/lib/languages/rust"),
  scala: () => import("highlight.js/lib/languages/scala"),
  scss: () => import("highlight.js/lib/languages/scss"),
  sql: () => import("highlight.js/lib/languages/sql"),
  swift: () => import("highlight.js/lib/languages/swift"),
  typescript: () => import("highlight.js/lib/languages/typescript"),
  xml: () => import("highlight.js/lib/languages/xml"),
  yaml: () => import("highlight.js/lib/languages/yaml"),
};

/** What people write behind a fence, where it is not the language's own name. */
const otherNames: Readonly<Record<string, string>> = {
  cjs: "javascript",
  console: "bash",
  cs: "csharp",
  "c++": "cpp",
  docker: "dockerfile",
  ex: "elixir",
  h: "c",
  hs: "haskell",
  html: "xml",
  js: "javascript",
  jsonc: "json",
  jsx: "javascript",
  kt: "kotlin",
  make: "makefile",
  md: "markdown",
  mjs: "javascript",
  patch: "diff",
  pl: "perl",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  shell: "bash",
  svg: "xml",
  toml: "ini",
  ts: "typescript",
  tsx: "typescript",
  vue: "xml",
  yml: "yaml",
  zsh: "bash",
};

const roles: Readonly<Record<string, Role>> = {
  addition: "added",
  attr: "name",
  attribute: "name",
  built_in: "name",
  bullet: "keyword",
  char: "string",
  comment: "comment",
  deletion: "removed",
  doctag: "keyword",
  keyword: "keyword",
  literal: "number",
  meta: "comment",
  name: "name",
  number: "number",
  property: "name",
  quote: "comment",
  regexp: "string",
  section: "heading",
  "selector-class": "name",
  "selector-id": "name",
  "selector-tag": "keyword",
  string: "string",
  symbol: "number",
  tag: "name",
  title: "name",
  type: "name",
  variable: "name",
};

let highlighter: HLJSApi | undefined;
const loading = new Map<string, Promise<void>>();
const listeners = new Set<() => void>();

/** Calls back whenever a language was loaded, so that what was shown without colours can be shown again. */
export function onLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Resolves when the languages that were met so far are there. */
export async function languagesLoaded(): Promise<void> {
  await Promise.all(loading.values());
}

/** Colours code; undefined while its language is not known, or still on its way. */
export function highlight(code: string, name: string): Line[] | undefined {
  const word = /^[\w+#-]+/.exec(name.trim().toLowerCase())?.[0] ?? "";
  const language = otherNames[word] ?? word;
  if (!Object.hasOwn(languages, language) || code.length > LONGEST) return undefined;
  if (highlighter?.getLanguage(language) === undefined) {
    if (!loading.has(language)) loading.set(language, load(language));
    return undefined;
  }
  const { value } = highlighter.highlight(code, { language, ignoreIllegals: true });
  return linesOf(value);
}

async function load(language: string): Promise<void> {
  const [{ default: core }, grammar] = await Promise.all([import("highlight.js/lib/core"), languages[language]?.()]);
  if (grammar === undefined) return;
  core.registerLanguage(language, grammar.default);
  highlighter = core;
  for (const listener of listeners) listener();
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" };

/** Reads what highlight.js writes for a browser: text with entities, and spans with classes. */
function linesOf(html: string): Line[] {
  const lines: Span[][] = [[]];
  const open: (Role | undefined)[] = [];
  for (const [, opened, closed, text] of html.matchAll(
    /<span class="hljs-([\w-]+)[^>]*>|<span[^>]*>|(<\/span>)|([^<]+)/g,
  )) {
    if (text !== undefined)
      write(
        text,
        open.findLast((role) => role !== undefined),
      );
    else if (closed !== undefined) open.pop();
    else open.push(opened === undefined ? undefined : roles[opened]);
  }
  return lines;

  function write(text: string, role: Role | undefined): void {
    const plain = text.replaceAll(/&([\w#]+);/g, (whole, name: string) => entities[name] ?? whole);
    for (const [index, line] of plain.split("\n").entries()) {
      if (index > 0) lines.push([]);
      if (line !== "") lines.at(-1)?.push(span(line, { role: role ?? "code" }));
    }
  }
}

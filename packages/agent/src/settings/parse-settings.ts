import { keyVariables, nearestWord } from "@bough/models";
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type * as z from "zod";
import { parseRule } from "../permissions/rule.ts";
import { SettingsError } from "./settings-error.ts";
import { type FileSettings, hookEvents, settingsSchema } from "./settings-schema.ts";

/** How a file of settings is read. */
export interface ParseOptions {
  /** What the file is called in messages. */
  readonly name: string;
  /** Whether it was written for another agent: what only that one knows is passed over without a word. */
  readonly isForeign?: boolean;
}

/** What a file says, and what in it is not used. */
export interface ParsedSettings {
  readonly settings: FileSettings;
  readonly warnings: readonly string[];
}

/** What is used of a file that was written for another agent. */
const FOREIGN_KEYS = new Set(["permissions", "hooks", "env"]);

/**
 * Reads settings: JSON, in which comments, a comma too many and a byte order mark do no harm. Throws a `SettingsError`
 * when something in it is not what it has to be; an unknown key is a warning.
 */
export function parseSettings(text: string, options: ParseOptions): ParsedSettings {
  return new SettingsText(text, options).read();
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

class SettingsText {
  readonly #text: string;
  readonly #options: ParseOptions;
  readonly #warnings: { readonly offset: number; readonly text: string }[] = [];
  readonly #tree: Node;

  constructor(text: string, options: ParseOptions) {
    this.#text = text.replace(/^\uFEFF/, "");
    this.#options = options;
    this.#tree = this.#parse();
  }

  read(): ParsedSettings {
    const value: unknown = getNodeValue(this.#tree);
    this.#leaveOut(value);
    const first = settingsSchema.safeParse(value);
    for (const issue of first.error?.issues ?? []) this.#dropUnknown(value, issue);
    const { data, error } = first.success ? first : settingsSchema.safeParse(value);
    const [issue] = error?.issues ?? [];
    if (data === undefined)
      throw this.#error(issue === undefined ? 0 : this.#offset(issue.path), this.#expected(issue));
    const settings = this.#withoutUnusable(data);
    const inOrder = this.#warnings.toSorted((one, other) => one.offset - other.offset);
    return { settings, warnings: inOrder.map(({ text }) => text) };
  }

  #parse(): Node {
    const errors: ParseError[] = [];
    const tree = parseTree(this.#text, errors, { allowTrailingComma: true });
    const [error] = errors;
    if (error !== undefined || tree === undefined) {
      const what = error === undefined ? "" : ` (${printParseErrorCode(error.error)})`;
      throw this.#error(error?.offset ?? 0, `expected JSON${what}`);
    }
    this.#refuseTwins(tree);
    return tree;
  }

  /** The later of two keys would win, and what the first one denies be lost. */
  #refuseTwins(node: Node): void {
    const seen = new Set<unknown>();
    for (const child of node.children ?? []) {
      const key: unknown = child.type === "property" ? child.children?.[0]?.value : undefined;
      if (key !== undefined && seen.has(key)) throw this.#error(child.offset, `${JSON.stringify(key)} is there twice`);
      seen.add(key);
      this.#refuseTwins(child);
    }
  }

  /** What another agent's settings hold for that one alone. */
  #leaveOut(value: unknown): void {
    if (this.#options.isForeign !== true || !isRecord(value)) return;
    for (const key of Object.keys(value)) if (!FOREIGN_KEYS.has(key)) delete value[key];
    const { permissions } = value;
    if (!isRecord(permissions)) return;
    const { allow, defaultMode } = permissions;
    if (!settingsSchema.safeParse({ permissions: { defaultMode } }).success) {
      this.#warn(
        ["permissions", "defaultMode"],
        `there is no mode ${JSON.stringify(defaultMode)} here; it is not used`,
      );
      delete permissions.defaultMode;
    }
    if (!Array.isArray(allow)) return;
    // Without a rule that allows more is asked about; one that denies must not get lost like this.
    permissions.allow = allow.filter((text, index) => {
      if (typeof text !== "string" || parseRule(text) !== undefined) return true;
      this.#warn(["permissions", "allow", index], `${JSON.stringify(text)} is no rule here and is not used`);
      return false;
    });
  }

  #dropUnknown(value: unknown, issue: Issue): void {
    if (issue.code !== "unrecognized_keys") return;
    const holder = issue.path.reduce<unknown>(
      (at, key) => (isRecord(at) || Array.isArray(at) ? Reflect.get(at, key) : at),
      value,
    );
    for (const key of issue.keys) {
      if (isRecord(holder)) delete holder[key];
      const path = [...issue.path, key];
      if (issue.path[0] === "hooks" && issue.path.length === 1) {
        this.#warn(path, `${path.join(".")} never runs. The events are ${hookEvents.join(", ")}`);
      } else if (this.#options.isForeign !== true) {
        const near = nearestWord(key, keysAt(issue.path));
        const meant = near === undefined ? "" : `. Did you mean "${near}"?`;
        this.#warn(path, `"${key}" is no setting and is not used${meant}`);
      }
    }
  }

  /** A file that may be shared is no place for a key; a hook of another kind has nothing to run. */
  #withoutUnusable(settings: FileSettings): FileSettings {
    const { env = {}, hooks = {} } = settings;
    const keys = new Set(keyVariables());
    for (const name of Object.keys(env).filter((each) => keys.has(each))) {
      this.#warn(["env", name], `${name} is not used: keys are taken from your environment only`);
    }
    for (const event of hookEvents) {
      for (const [index, group] of (hooks[event] ?? []).entries()) {
        for (const [at, { type, command }] of group.hooks.entries()) {
          const path = ["hooks", event, index, "hooks", at];
          if (type !== "command") this.#warn(path, `a hook of the type "${type}" never runs; the type is "command"`);
          else if (command === undefined || command.trim() === "") {
            throw this.#error(this.#offset(path), `${named(path)} has to have a "command"`);
          }
        }
      }
    }
    if (settings.env === undefined) return settings;
    return { ...settings, env: Object.fromEntries(Object.entries(env).filter(([name]) => !keys.has(name))) };
  }

  #expected(issue: Issue | undefined): string {
    if (issue === undefined) return "expected settings";
    const node = findNodeAtLocation(this.#tree, jsonPath(issue.path));
    const found = node === undefined ? "" : `, not ${describeNode(node)}`;
    return `${named(issue.path)} has to be ${describeExpected(issue)}${found}`;
  }

  #warn(path: Path, what: string): void {
    const offset = this.#offset(path);
    this.#warnings.push({ offset, text: `${this.#place(offset)}: ${what}${what.endsWith("?") ? "" : "."}` });
  }

  #error(offset: number, what: string): SettingsError {
    return new SettingsError(`${this.#place(offset)}: ${what}.`);
  }

  #place(offset: number): string {
    return `${this.#options.name}:${this.#text.slice(0, offset).split("\n").length}`;
  }

  /** Of what is not there: where it would have to be. */
  #offset(path: Path): number {
    for (let length = path.length; length > 0; length--) {
      const node = findNodeAtLocation(this.#tree, jsonPath(path.slice(0, length)));
      if (node !== undefined) return node.offset;
    }
    return this.#tree.offset;
  }
}

function jsonPath(path: Path): (string | number)[] {
  return path.map((key) => (typeof key === "number" ? key : String(key)));
}

function named(path: Path): string {
  const text = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return text === "" ? "the file" : text.replace(/^\./, "");
}

function describeExpected(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeNames[issue.expected] ?? issue.expected;
    case "invalid_value":
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "invalid_key":
      return "a name of letters, digits and _";
    default:
      return issue.message;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  array: "a list",
  object: "an object",
  record: "an object",
  boolean: "true or false",
  number: "a number",
  null: "null",
};

/** A value that fits in a sentence stands for itself. */
function describeNode({ type, value }: Node): string {
  if (type === "string") return JSON.stringify(String(value).slice(0, 80));
  return type === "number" || type === "boolean" ? String(value) : (typeNames[type] ?? type);
}

/** The keys that a settings file can have at a place. */
function keysAt(path: Path): string[] {
  switch (path[0]) {
    case undefined:
      return Object.keys(settingsSchema.shape);
    case "permissions":
      return ["allow", "ask", "deny", "defaultMode"];
    case "sandbox":
      return ["network"];
    case "context":
      return ["window", "shortenAt", "summarizeAt"];
    default:
      return path.length > 3 ? ["type", "command", "timeout"] : ["matcher", "hooks"];
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

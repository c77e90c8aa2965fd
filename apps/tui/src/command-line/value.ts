/** What follows a flag: its name in the help, and how its text is read. */
export interface Value<T> {
  readonly name: string;
  /** Returns what the text means, or what it has to be when it means nothing. */
  readonly parse: (text: string) => Parsed<T>;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };

/** Any text with something in it. */
export function text(name: string): Value<string> {
  return { name, parse: (value) => (value.trim() === "" ? no("some text") : yes(value)) };
}

/** One of a few words. */
export function choice<const Word extends string>(...words: readonly Word[]): Value<Word> {
  return {
    name: words.join("|"),
    parse: (value) => {
      const word = words.find((candidate) => candidate === value);
      return word === undefined ? no(listed(words)) : yes(word);
    },
  };
}

/** Words between commas; the empty text is the empty list. */
export function list(name: string): Value<readonly string[]> {
  return {
    name,
    parse: (value) => {
      const words = value.trim() === "" ? [] : value.split(",").map((word) => word.trim());
      return words.includes("") ? no("words with a comma between each two") : yes(words);
    },
  };
}

/** Permission rules with commas or spaces between, which may stand in their brackets too. */
export const rules: Value<readonly string[]> = {
  name: "<rules>",
  parse: (value) => {
    const words = value.match(/(?:[^\s,()]+(?:\((?:[^()]|\([^()]*\))*\))?)|\S/g) ?? [];
    const isRule = (word: string) => /^[A-Za-z_][\w-]*(\(.*\S.*\))?$/s.test(word);
    return words.length > 0 && words.every((word) => isRule(word) || word === ",")
      ? yes(words.filter((word) => word !== ","))
      : no('rules such as "Bash(npm run test:*)", "Read(./.env)" or "Edit", with commas between');
  },
};

/** A whole number of 1 or more. */
export const count: Value<number> = {
  name: "N",
  parse: (value) => {
    const number = Number(value);
    return /^\d+$/.test(value) && number >= 1 && Number.isSafeInteger(number)
      ? yes(number)
      : no("a whole number of 1 or more");
  },
};

/** A whole number of seconds that a timer can wait. */
export const seconds: Value<number> = {
  name: "S",
  parse: (value) => {
    const number = Number(value);
    const most = 2_147_483;
    return /^\d+$/.test(value) && number >= 1 && number <= most
      ? yes(number)
      : no(`a whole number of seconds, from 1 to ${most}`);
  },
};

/** An amount of money, as in 2 or 0.50. */
export const usDollars: Value<number> = {
  name: "USD",
  parse: (value) => {
    const number = Number(value);
    return /^(\d+(\.\d*)?|\.\d+)$/.test(value) && number > 0 && Number.isFinite(number)
      ? yes(number)
      : no("an amount of US dollars above 0, as in 2 or 0.50");
  },
};

const HOUR = 60 * 60 * 1000;
const units: Readonly<Record<string, number>> = { h: HOUR, d: 24 * HOUR, w: 7 * 24 * HOUR };

/** A length of time in hours, days or weeks, as milliseconds. */
export const duration: Value<number> = {
  name: "D",
  parse: (value) => {
    const [, amount, unit = ""] = /^(\d{1,5})([hdw])$/.exec(value) ?? [];
    return amount === undefined
      ? no("a number of hours, days or weeks, as in 12h, 30d or 8w")
      : yes(Number(amount) * (units[unit] ?? HOUR));
  },
};

/** The address of a server. */
export const webAddress: Value<string> = {
  name: "URL",
  parse: (value) =>
    /^https?:\/\//i.test(value) && URL.canParse(value)
      ? yes(value)
      : no("an address that starts with https:// or http://"),
};

function yes<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

function no(expected: string): Parsed<never> {
  return { ok: false, expected };
}

function listed(words: readonly string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} or ${words.at(-1)}` : words.join();
}

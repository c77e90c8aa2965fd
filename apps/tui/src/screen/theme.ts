import type { Role, Style } from "../text/line.ts";

/** How many colours a terminal shows. */
export type ColorDepth = "none" | "16" | "256" | "truecolor";

/** The parameters of SGR that give a role its look, for each depth: as `\x1b[<parameters>m` has them. */
type Look = Readonly<Record<ColorDepth, string>>;

/** Colours that are told by number are the terminal's own, so they fit what the user has chosen. */
const shared = {
  text: { none: "", "16": "", "256": "", truecolor: "" },
  warning: { none: "1", "16": "33", "256": "33", truecolor: "33" },
  alarm: { none: "1", "16": "31", "256": "31", truecolor: "31" },
  added: { none: "", "16": "32", "256": "32", truecolor: "32" },
  removed: { none: "", "16": "31", "256": "31", truecolor: "31" },
  heading: { none: "1", "16": "1", "256": "1", truecolor: "1" },
} as const satisfies Partial<Record<Role, Look>>;

const dark: Readonly<Record<Role, Look>> = {
  ...shared,
  muted: { none: "2", "16": "90", "256": "38;5;245", truecolor: "38;2;138;145;153" },
  accent: { none: "1", "16": "36", "256": "38;5;80", truecolor: "38;2;95;205;190" },
  code: { none: "", "16": "33", "256": "38;5;180", truecolor: "38;2;222;186;140" },
  link: { none: "4", "16": "4;36", "256": "4;38;5;80", truecolor: "4;38;2;95;205;190" },
  "added-part": { none: "4", "16": "30;42", "256": "48;5;22", truecolor: "32;48;2;22;66;38" },
  "removed-part": { none: "4", "16": "30;41", "256": "48;5;52", truecolor: "31;48;2;82;28;32" },
  keyword: { none: "1", "16": "35", "256": "38;5;176", truecolor: "38;2;200;146;214" },
  string: { none: "", "16": "32", "256": "38;5;114", truecolor: "38;2;143;201;128" },
  number: { none: "", "16": "33", "256": "38;5;173", truecolor: "38;2;216;154;102" },
  comment: { none: "2", "16": "90", "256": "38;5;243", truecolor: "38;2;120;128;136" },
  name: { none: "", "16": "34", "256": "38;5;110", truecolor: "38;2;125;174;222" },
  selected: { none: "7", "16": "7", "256": "48;5;238", truecolor: "48;2;52;58;66" },
};

const light: Readonly<Record<Role, Look>> = {
  ...shared,
  muted: { none: "2", "16": "90", "256": "38;5;243", truecolor: "38;2;110;117;125" },
  accent: { none: "1", "16": "36", "256": "38;5;30", truecolor: "38;2;0;122;112" },
  code: { none: "", "16": "31", "256": "38;5;94", truecolor: "38;2;140;84;20" },
  link: { none: "4", "16": "4;36", "256": "4;38;5;30", truecolor: "4;38;2;0;122;112" },
  "added-part": { none: "4", "16": "30;42", "256": "48;5;194", truecolor: "32;48;2;205;240;212" },
  "removed-part": { none: "4", "16": "30;41", "256": "48;5;224", truecolor: "31;48;2;255;218;218" },
  keyword: { none: "1", "16": "35", "256": "38;5;90", truecolor: "38;2;130;40;150" },
  string: { none: "", "16": "32", "256": "38;5;28", truecolor: "38;2;30;120;40" },
  number: { none: "", "16": "31", "256": "38;5;130", truecolor: "38;2;165;85;10" },
  comment: { none: "2", "16": "90", "256": "38;5;244", truecolor: "38;2;125;132;140" },
  name: { none: "", "16": "34", "256": "38;5;25", truecolor: "38;2;20;90;170" },
  selected: { none: "7", "16": "7", "256": "48;5;254", truecolor: "48;2;228;232;236" },
};

/** Says how styles look on a terminal. */
export class Theme {
  readonly #looks: Readonly<Record<Role, Look>>;
  readonly #depth: ColorDepth;
  readonly #known = new Map<string, string>();

  constructor({ background, depth }: { readonly background: "dark" | "light"; readonly depth: ColorDepth }) {
    this.#looks = background === "dark" ? dark : light;
    this.#depth = depth;
  }

  /** The parameters of SGR for a style; empty for plain text. The same style is always the same string. */
  parameters({ role, behind, bold, dim, italic, underline, strike }: Style = {}): string {
    const key = [role, bold, dim, italic, underline, strike, behind].join();
    let parameters = this.#known.get(key);
    if (parameters === undefined) {
      const marks = [bold && "1", dim && "2", italic && "3", underline && "4", strike && "9"];
      parameters = [behind && this.#looks[behind][this.#depth], role && this.#looks[role][this.#depth], ...marks]
        .filter(Boolean)
        .join(";");
      this.#known.set(key, parameters);
    }
    return parameters;
  }
}

/** Chooses how many colours to use: what the user says, then what the terminal says of itself. */
export function colorDepth(env: NodeJS.ProcessEnv): ColorDepth {
  const { NO_COLOR, COLORTERM = "", TERM = "" } = env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return "none";
  if (/^(truecolor|24bit)$/i.test(COLORTERM)) return "truecolor";
  if (/-direct$/.test(TERM) || /^xterm-(kitty|ghostty)$/.test(TERM)) return "truecolor";
  return /256/.test(TERM) ? "256" : "16";
}

import { Decoder } from "../keys/decoder.ts";

export type Background = "dark" | "light";

/** Asks a terminal for its background, and for what it is: all answer the latter, so that nobody waits for the former. */
export const backgroundQuery = "\x1b]11;?\x1b\\\x1b[c";

/** Milliseconds that a terminal may take to answer, as over a slow line. */
const LONGEST_WAIT = 150;

/** Listens to what a terminal sends until it has told its background, or that it does not. */
export class BackgroundAnswer {
  readonly #decoder = new Decoder();
  readonly #answer = Promise.withResolvers<Background | undefined>();

  /** Takes in what came; it may hold keys as well, which are another's to read. */
  take(bytes: Uint8Array): void {
    for (const input of this.#decoder.push(bytes)) {
      if (input.type !== "reply") continue;
      const background = input.kind === "osc" ? readBackground(input.text) : undefined;
      if (background !== undefined) this.#answer.resolve(background);
      else if (input.kind === "csi" && input.text.endsWith("c")) this.#answer.resolve(undefined);
    }
  }

  /** Resolves to the answer; undefined when there is none in time. */
  async wait(): Promise<Background | undefined> {
    const timer = setTimeout(() => this.#answer.resolve(undefined), LONGEST_WAIT);
    try {
      return await this.#answer.promise;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Reads the answer to the question for the background, such as `11;rgb:ffff/ffff/ffff`. */
function readBackground(text: string): Background | undefined {
  const [, ...parts] = /^11;rgba?:([\da-f]+)\/([\da-f]+)\/([\da-f]+)/i.exec(text) ?? [];
  const [red, green, blue] = parts.map((part) => Number.parseInt(part, 16) / (16 ** part.length - 1));
  if (red === undefined || green === undefined || blue === undefined) return undefined;
  // How bright it seems: ITU-R BT.709.
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 ? "light" : "dark";
}

/** What the environment says of the background: some terminals set `COLORFGBG` to numbers of colours, the last behind. */
export function backgroundOf({ COLORFGBG = "" }: NodeJS.ProcessEnv): Background | undefined {
  const [, color] = /(?:^|;)(\d+)$/.exec(COLORFGBG) ?? [];
  if (color === undefined) return undefined;
  return color === "7" || Number(color) > 8 ? "light" : "dark";
}

import { randomBytes } from "node:crypto";
import { mkdir, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import * as z from "zod";
import { readSmallFile } from "../settings/read-file.ts";
import { SettingsError } from "../settings/settings-error.ts";

const schema = z.object({
  version: z.literal(1),
  /** Digests of the files that are trusted, by the real path of their repository and their path in it. */
  trusted: z.record(z.string(), z.record(z.string(), z.string())),
});

type Trusted = z.output<typeof schema>["trusted"];

/** What the user trusts of one repository: files as they were then, each by its digest. It is kept outside of it. */
export class TrustStore {
  readonly #file: string;
  readonly #root: string;

  constructor({ file, root }: { readonly file: string; readonly root: string }) {
    this.#file = file;
    this.#root = root;
  }

  /** Resolves to the digests of the trusted files by their paths. */
  async digests(): Promise<ReadonlyMap<string, string>> {
    const trusted = await this.#read();
    const own = Object.hasOwn(trusted, this.#root) ? trusted[this.#root] : undefined;
    return new Map(Object.entries(own ?? {}));
  }

  /** Trusts files as their digests say, from now on; what was trusted before stays so. */
  async trust(digests: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    await this.#refuseWithin();
    const trusted = await this.#read();
    const before = Object.hasOwn(trusted, this.#root) ? trusted[this.#root] : {};
    const content = { version: 1, trusted: { ...trusted, [this.#root]: { ...before, ...digests } } };
    const draft = `${this.#file}.${randomBytes(6).toString("hex")}.tmp`;
    try {
      await writeFile(draft, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
      await rename(draft, this.#file);
    } finally {
      await rm(draft, { force: true });
    }
  }

  async #read(): Promise<Trusted> {
    const bytes = await readSmallFile(this.#file);
    if (bytes === undefined) return {};
    try {
      return schema.parse(JSON.parse(bytes.toString())).trusted;
    } catch (error) {
      throw new SettingsError(`${this.#file} is damaged. Remove it; what you trusted has to be trusted again.`, {
        cause: error,
      });
    }
  }

  /** A repository that holds the file could bring its own. */
  async #refuseWithin(): Promise<void> {
    const path = relative(this.#root, await realpath(dirname(this.#file)));
    if (path === ".." || path.startsWith(`..${"/"}`)) return;
    throw new SettingsError(
      `${join(this.#root, path)} lies in the repository, so what you trust cannot be kept there. ` +
        "Set XDG_STATE_HOME to a folder outside of it.",
    );
  }
}

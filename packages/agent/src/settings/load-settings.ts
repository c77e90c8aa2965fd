import type { ContextSettings } from "../context/context-settings.ts";
import type { Ask, PermissionMode } from "../permissions/modes.ts";
import type { Rules } from "../permissions/rule.ts";
import { NETWORK, parseRule, type Rule, type Verdict } from "../permissions/rule.ts";
import { digestOf } from "../trust/file-digest.ts";
import { TrustStore } from "../trust/trust-store.ts";
import type { UntrustedFile } from "../trust/untrusted-file.ts";
import type { ParsedSettings, ParseOptions } from "./parse-settings.ts";
import { checkoutOf, repositoryFiles, trustFile, userSettings } from "./places.ts";
import { readSmallFile } from "./read-file.ts";
import { SettingsError } from "./settings-error.ts";
import { type FileSettings, type HookEvent, hookEvents } from "./settings-schema.ts";
import { describeWidening, widening } from "./widening.ts";

/** Which settings are read. */
export interface LoadOptions {
  /** A folder in the repository. */
  readonly cwd: string;
  /** A further file of the user's own, which has the last word. */
  readonly file?: string;
  /** Whether the repository's files are trusted as they are now, and from now on. */
  readonly trust?: boolean;
  /** Is asked whether to trust those that are not, or not as they are now; a no holds for this time. */
  readonly ask?: Ask;
  readonly signal?: AbortSignal;
  /** Says where the user's files are; the process's variables unless given. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A hook as settings hold it. */
export interface HookSetting {
  readonly event: HookEvent;
  readonly matcher: string | undefined;
  readonly command: string;
  /** In seconds. */
  readonly timeout: number | undefined;
  /** Whether it stands in a file of the repository, and not in one of the user's own. */
  readonly isRepository: boolean;
}

/** What holds of all files together. */
export interface Settings {
  readonly model: string | undefined;
  /** How long archived sessions are kept: hours, days or weeks, as in `30d`. */
  readonly retention: string | undefined;
  readonly permissionMode: PermissionMode | undefined;
  readonly context: ContextSettings;
  readonly rules: Rules;
  /** Variables for commands and hooks, and for the addresses of providers. */
  readonly env: Readonly<Record<string, string>>;
  readonly hooks: readonly HookSetting[];
  readonly background: "dark" | "light" | undefined;
  /** Keys of the user's own, by the name of what they do. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

/** Settings as they were found. */
export interface LoadedSettings {
  readonly settings: Settings;
  /** What in the files is not used, and why. */
  readonly warnings: readonly string[];
  /** What files of the repository would do if the user trusted them; none of it is in force. */
  readonly untrusted: readonly UntrustedFile[];
}

/** A file's settings, and whose they are. */
interface Layer {
  readonly settings: FileSettings;
  readonly isRepository: boolean;
}

/**
 * Reads the user's settings and those of the repository that a folder is in. Of a repository's file that the user does
 * not trust as it is now just what narrows is in force: the rules that deny and ask.
 */
export async function loadSettings(options: LoadOptions): Promise<LoadedSettings> {
  const { file, env = process.env } = options;
  const warnings: string[] = [];
  const own = async (path: string): Promise<Layer[]> => {
    const bytes = await readSmallFile(path);
    if (bytes === undefined) return [];
    const parsed = await parsedSettings(bytes, { name: path });
    warnings.push(...parsed.warnings);
    return [{ settings: parsed.settings, isRepository: false }];
  };
  const user = await own(userSettings(env));
  const repository = await loadRepository(options, warnings);
  const named = file === undefined ? [] : await own(file);
  if (file !== undefined && named.length === 0) throw new SettingsError(`There is no file ${file}.`);
  return { settings: merge([...user, ...repository.layers, ...named]), warnings, untrusted: repository.untrusted };
}

async function loadRepository(
  { cwd, trust = false, env = process.env, ...asking }: LoadOptions,
  warnings: string[],
): Promise<{ layers: Layer[]; untrusted: UntrustedFile[] }> {
  const root = await checkoutOf(cwd);
  if (root === undefined) return { layers: [], untrusted: [] };
  const store = new TrustStore({ file: trustFile(env), root });
  const found = await readRepository(root);
  const trusted = found.length === 0 ? new Map<string, string>() : await store.digests();
  const doubted = found.filter(({ path, wants, digest }) => wants.length > 0 && trusted.get(path) !== digest);
  const describe = ({ path, wants, settings }: FoundFile): UntrustedFile => ({
    ...{ path, wants, details: describeWidening(settings) },
    isChanged: trusted.has(path),
  });
  const isTrusted = trust || (await isToBeTrusted(root, doubted.map(describe), asking));
  if (isTrusted && doubted.length > 0) {
    await store.trust(Object.fromEntries(doubted.map(({ path, digest }) => [path, digest])));
  }
  const untrusted = new Set(isTrusted ? [] : doubted);
  const layers = found.map((each) => {
    // Of what is not used there is nothing to warn of.
    if (!untrusted.has(each)) warnings.push(...each.warnings);
    return { settings: untrusted.has(each) ? narrowing(each.settings) : each.settings, isRepository: true };
  });
  return { layers, untrusted: [...untrusted].map(describe) };
}

/** What is trusted after a yes is what was read before the question, whatever became of the files meanwhile. */
function isToBeTrusted(
  root: string,
  files: readonly UntrustedFile[],
  { ask, signal = new AbortController().signal }: { readonly ask?: Ask; readonly signal?: AbortSignal },
): Promise<boolean> {
  if (ask === undefined || files.length === 0) return Promise.resolve(false);
  return ask({ type: "trust", root, files }, { signal }).then((answer) => "allow" in answer && answer.allow);
}

interface FoundFile {
  readonly path: string;
  readonly settings: FileSettings;
  readonly warnings: readonly string[];
  readonly wants: readonly string[];
  readonly digest: string;
}

/** Reads each file once, so that what was digested is what is used. */
async function readRepository(root: string): Promise<FoundFile[]> {
  const files = repositoryFiles.map(async ({ path, isForeign }): Promise<FoundFile[]> => {
    const bytes = await readSmallFile(`${root}/${path}`);
    if (bytes === undefined) return [];
    const parsed = await parsedSettings(bytes, { name: path, isForeign });
    const wants = widening(parsed.settings);
    const { keys } = parsed.settings;
    const unused = keys === undefined ? [] : [`${path}: "keys" is not used: only your own settings bind keys.`];
    const warnings = [...parsed.warnings, ...unused];
    return [
      {
        path,
        settings: parsed.settings,
        warnings,
        wants,
        digest: await digestOf(bytes, { root, hasHooks: wants.includes("hooks") }),
      },
    ];
  });
  return (await Promise.all(files)).flat();
}

/** Who has no settings need not wait for what reads them. */
async function parsedSettings(bytes: Buffer, options: ParseOptions): Promise<ParsedSettings> {
  const { parseSettings } = await import("./parse-settings.ts");
  return parseSettings(bytes.toString(), options);
}

function narrowing({ permissions }: FileSettings): FileSettings {
  return { permissions: { ask: permissions?.ask, deny: permissions?.deny } };
}

function merge(layers: readonly Layer[]): Settings {
  const last = <Value>(read: (settings: FileSettings) => Value | undefined) =>
    layers.map(({ settings }) => read(settings)).findLast((value) => value !== undefined);
  const rules = (verdict: Verdict): Rule[] => layers.flatMap(({ settings }) => settings.permissions?.[verdict] ?? []);
  const network = last(({ sandbox }) => sandbox?.network) === true ? parseRule(NETWORK) : undefined;
  return {
    model: last(({ model }) => model),
    retention: last(({ retention }) => retention),
    permissionMode: last(({ permissions }) => permissions?.defaultMode),
    context: Object.assign({}, ...layers.map(({ settings }) => settings.context ?? {})),
    rules: {
      allow: [...rules("allow"), ...(network === undefined ? [] : [network])],
      ask: rules("ask"),
      deny: rules("deny"),
    },
    env: Object.assign({}, ...layers.map(({ settings }) => settings.env ?? {})),
    hooks: layers.flatMap(hooksOf),
    background: last(({ background }) => background),
    // Whoever says which key allows something could say that it is the one for sending.
    keys: Object.assign({}, ...layers.map(({ settings, isRepository }) => (isRepository ? {} : settings.keys))),
  };
}

function hooksOf({ settings, isRepository }: Layer): HookSetting[] {
  return hookEvents.flatMap((event) =>
    (settings.hooks?.[event] ?? []).flatMap(({ matcher, hooks }) =>
      hooks.flatMap(({ type, command, timeout }) =>
        type === "command" && command !== undefined ? [{ event, matcher, command, timeout, isRepository }] : [],
      ),
    ),
  );
}

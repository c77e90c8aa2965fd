import { nearest } from "../command-line/nearest.ts";
import { ExitError, exitCode } from "../exit-code.ts";
import { type ActionName, actionsOf, isActionName, type KeyAction, type KeyPlace, keyPlaces } from "./actions.ts";
import { parseChord } from "./chord.ts";

/** Keys that the user binds, by the name of what they do; an empty list leaves it without a key. */
export type KeySettings = Readonly<Record<string, readonly string[]>>;

/** Keys are set in a way that does not work. */
class KeySettingsError extends ExitError {
  override readonly name = "KeySettingsError";

  constructor(message: string) {
    super(exitCode.badInput, message);
  }
}

/** Which key does what: the table, with what the user has bound otherwise. */
export class KeyMap {
  readonly #actions = new Map<KeyPlace, Map<string, ActionName>>();
  readonly #keys = new Map<ActionName, readonly string[]>();

  /** Throws an `ExitError` for what is unknown, and for a key that would do two things. */
  constructor(settings: KeySettings = {}) {
    const bound = readSettings(settings);
    for (const place of keyPlaces) {
      const chords = new Map<string, ActionName>();
      for (const [name, action] of actionsOf(place)) {
        const keys = bound.get(name) ?? keysLeft(action, place, bound);
        this.#keys.set(name, keys);
        for (const key of keys) chords.set(key, bindOnce(chords, key, name));
      }
      this.#actions.set(place, chords);
    }
  }

  /** What a key does in a place: what is bound there, then what is bound everywhere; a text is typed while one chooses. */
  find(place: KeyPlace, key: string): ActionName | undefined {
    const places: KeyPlace[] = place === "choice" ? ["choice", "editor", "anywhere"] : [place, "anywhere"];
    return places.map((each) => this.#actions.get(each)?.get(key)).find((action) => action !== undefined);
  }

  /** The keys that do something, the one that is shown first. */
  keysOf(action: ActionName): readonly string[] {
    return this.#keys.get(action) ?? [];
  }
}

function readSettings(settings: KeySettings): Map<ActionName, readonly string[]> {
  return new Map(
    Object.entries(settings).map(([name, keys]) => {
      if (!isActionName(name)) throw unknownAction(name);
      return [name, keys.map((key) => readKey(name, key))];
    }),
  );
}

function readKey(action: ActionName, text: string): string {
  const chord = parseChord(text);
  if (chord.type === "chord") return chord.key;
  const meant = chord.near === undefined ? "" : ` Did you mean "${chord.near}"?`;
  throw new KeySettingsError(
    `keys.${action}: "${text}" is no key.${meant} A key is written as "C-x", "M-enter", "S-tab" or "f5".`,
  );
}

function unknownAction(name: string): KeySettingsError {
  const all = keyPlaces.flatMap((place) => actionsOf(place).map(([known]) => known));
  const near = nearest(name, all);
  const meant = near === undefined ? `They are ${all.join(", ")}.` : `Did you mean "${near}"?`;
  return new KeySettingsError(`keys: "${name}" is nothing that a key can do. ${meant}`);
}

/** What the table binds goes to whom the user gave it, where both are pressed in the same place. */
function keysLeft({ keys }: KeyAction, place: KeyPlace, bound: ReadonlyMap<ActionName, readonly string[]>): string[] {
  const rivals = actionsOf(place).concat(place === "anywhere" ? actionsOf("editor") : []);
  const taken = new Set(rivals.flatMap(([name]) => bound.get(name) ?? []));
  return keys.filter((key) => !taken.has(key));
}

function bindOnce(chords: ReadonlyMap<string, ActionName>, key: string, name: ActionName): ActionName {
  const other = chords.get(key);
  if (other === undefined || other === name) return name;
  throw new KeySettingsError(`keys: "${key}" is bound to ${other} and to ${name}. Give one of them another key.`);
}

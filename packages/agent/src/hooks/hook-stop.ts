/** A hook ended the turn. */
export class HookStop extends Error {
  override readonly name = "HookStop";

  constructor(why: string) {
    super(`A hook ended the turn: ${why}`);
  }
}

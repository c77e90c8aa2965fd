/** Settings that cannot be used; the message names the file, the line and what was expected there. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

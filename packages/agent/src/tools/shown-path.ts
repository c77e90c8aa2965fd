/** A path as one line: a name that holds a line break or another control character is quoted. */
export function shownPath(path: string): string {
  return /\p{Cc}/u.test(path) ? JSON.stringify(path) : path;
}

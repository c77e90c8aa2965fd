/** Thrown when a path is not one that bough will touch; `reason` says why, as the end of a sentence. */
export class PathRefused extends Error {
  override readonly name = "PathRefused";
  readonly path: string;
  readonly reason: string;

  constructor(path: string, reason: string) {
    super(`Path ${JSON.stringify(path)} is refused: ${reason}.`);
    this.path = path;
    this.reason = reason;
  }
}

/** What is wrong with the front matter of a file, as the end of a sentence, and in which line. */
export class FrontMatterError extends Error {
  override readonly name = "FrontMatterError";
  readonly line: number;

  constructor(message: string, { line, ...options }: ErrorOptions & { readonly line: number }) {
    super(message, options);
    this.line = line;
  }
}

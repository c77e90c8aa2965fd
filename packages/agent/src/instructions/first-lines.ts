/** The first lines of a text that have so many bytes together; the text itself when it has no more. */
export function firstLines(text: string, mostBytes: number): string {
  if (Buffer.byteLength(text) <= mostBytes) return text;
  const bytes = Buffer.from(text).subarray(0, mostBytes);
  return bytes.subarray(0, bytes.lastIndexOf(10) + 1).toString();
}

/** How many bytes of a result a commit and the model are given; the tools that come with bough stay below it themselves. */
const mostBytes = 32 * 1024;
const headBytes = 20 * 1024;
const tailBytes = 10 * 1024;

/** The text of a result, or its beginning and its end with how much is left out between them when it is long. */
export function boundedResult(text: string): string {
  // No character takes more than three bytes a unit, so most texts need no counting.
  if (text.length * 3 <= mostBytes) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= mostBytes) return text;
  const head = bytes.subarray(0, headEnd(bytes));
  const tail = bytes.subarray(tailStart(bytes));
  const cut = (bytes.length - head.length - tail.length).toLocaleString("en");
  return `${head.toString().replace(/\n$/, "")}\n[… ${cut} bytes cut here …]\n${tail.toString()}`;
}

/** Where the beginning ends: after a line if one ends near, and never within a character. */
function headEnd(bytes: Buffer): number {
  const line = bytes.lastIndexOf("\n", headBytes - 1) + 1;
  return line > headBytes / 2 ? line : characterStart(bytes, headBytes);
}

function tailStart(bytes: Buffer): number {
  const start = bytes.length - tailBytes;
  const line = bytes.indexOf("\n", start) + 1;
  return line > 0 && line < start + tailBytes / 2 ? line : characterStart(bytes, start);
}

/** The first byte at or after `at` that does not go on with a character. */
function characterStart(bytes: Buffer, at: number): number {
  let start = at;
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return start;
}

/** How many bytes of a result the model is given, so that a commit can hold all that it saw. */
const mostResultBytes = 30_000;

/** As many of the lines as fit into a result, from the first on. */
export function linesThatFit(lines: readonly string[], mostBytes = mostResultBytes): readonly string[] {
  let bytes = 0;
  const tooMany = lines.findIndex((line) => {
    bytes += Buffer.byteLength(line) + 1;
    return bytes > mostBytes;
  });
  return tooMany < 0 ? lines : lines.slice(0, tooMany);
}

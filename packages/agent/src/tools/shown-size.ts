const units = ["bytes", "KB", "MB", "GB", "TB"];

/** A size for people: `1 byte`, `823 bytes`, `1.2 MB`. */
export function shownSize(bytes: number): string {
  if (bytes === 1) return "1 byte";
  let size = bytes;
  let unit = 0;
  while (size >= 1_000 && unit < units.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

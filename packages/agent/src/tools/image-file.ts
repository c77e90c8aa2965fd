/** The most bytes of a picture that every provider takes: 5 MiB in base64. */
export const mostImageBytes = 3_932_160;
/** The most pixels a side that every provider takes. */
const mostPixels = 8_000;

/** Whether a picture is too large for a provider. */
export function isTooLarge({ width, height }: ImageFile, bytes: Uint8Array): boolean {
  return bytes.length > mostImageBytes || width > mostPixels || height > mostPixels;
}

/** What a picture is, as far as its first bytes and its frame tell. */
export interface ImageFile {
  readonly mediaType: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
  readonly width: number;
  readonly height: number;
}

/**
 * Tells a picture that a model can be sent; undefined for one that is cut off or broken: a provider would refuse it, and
 * with it every request of the conversation from then on.
 */
export function readImage(bytes: Uint8Array): ImageFile | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const image = readPng(file) ?? readGif(file) ?? readWebp(file) ?? readJpeg(file);
  return image !== undefined && image.width > 0 && image.height > 0 ? image : undefined;
}

function holds(file: Buffer, text: string, at: number): boolean {
  return at >= 0 && file.toString("latin1", at, at + text.length) === text;
}

function readPng(file: Buffer): ImageFile | undefined {
  if (!holds(file, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 0) || !holds(file, "IEND\xaeB`\x82", file.length - 8))
    return undefined;
  return { mediaType: "image/png", width: file.readUInt32BE(16), height: file.readUInt32BE(20) };
}

function readGif(file: Buffer): ImageFile | undefined {
  if (!/^GIF8[79]a/.test(file.toString("latin1", 0, 6)) || file.length < 14 || file.at(-1) !== 0x3b) return undefined;
  return { mediaType: "image/gif", width: file.readUInt16LE(6), height: file.readUInt16LE(8) };
}

function readWebp(file: Buffer): ImageFile | undefined {
  if (!holds(file, "RIFF", 0) || !holds(file, "WEBP", 8) || file.length < 30) return undefined;
  if (file.readUInt32LE(4) + 8 > file.length) return undefined;
  const size = webpSize(file);
  return size && { mediaType: "image/webp", ...size };
}

function webpSize(file: Buffer): { width: number; height: number } | undefined {
  switch (file.toString("latin1", 12, 16)) {
    case "VP8 ":
      return { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const bits = file.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { width: file.readUIntLE(24, 3) + 1, height: file.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

/** Goes from segment to segment up to the one that tells the size. */
function readJpeg(file: Buffer): ImageFile | undefined {
  if (!holds(file, "\xff\xd8\xff", 0) || file.lastIndexOf("\xff\xd9", undefined, "latin1") < 0) return undefined;
  let at = 2;
  while (at + 9 <= file.length && file[at] === 0xff) {
    const marker = file[at + 1] ?? 0;
    // C4, C8 and CC are tables between the kinds of frames.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { mediaType: "image/jpeg", width: file.readUInt16BE(at + 7), height: file.readUInt16BE(at + 5) };
    }
    // A byte of filling stands alone.
    at += marker === 0xff ? 1 : 2 + Math.max(2, file.readUInt16BE(at + 2));
  }
  return undefined;
}

import { isUtf8 } from "node:buffer";

/** How the text of a file is stored. What is none of the Unicode ones is read as Latin-1, where every byte has a meaning. */
export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be" | "latin1";

/** The text of a file with the encoding it is stored in, or what it is instead of text. */
export type FileText =
  | { readonly encoding: TextEncoding; readonly text: string }
  | { readonly encoding: "binary"; readonly kind: string };

// As far as git looks for a NUL to tell a binary file.
const bytesLookedAt = 8_000;

const signatures: readonly (readonly [kind: string, start: string])[] = [
  ["PNG image", "\x89PNG\r\n"],
  ["JPEG image", "\xff\xd8\xff"],
  ["GIF image", "GIF8"],
  ["PDF document", "%PDF-"],
  ["ZIP archive (also .jar, .docx, .xlsx, …)", "PK\x03\x04"],
  ["gzip archive", "\x1f\x8b"],
  ["Zstandard archive", "\x28\xb5\x2f\xfd"],
  ["xz archive", "\xfd7zXZ\0"],
  ["SQLite database", "SQLite format 3\0"],
  ["ELF program or library", "\x7fELF"],
  ["Mach-O program or library", "\xcf\xfa\xed\xfe"],
  ["WebAssembly module", "\0asm"],
  ["Java class", "\xca\xfe\xba\xbe"],
  ["RIFF file (WebP, WAV, AVI)", "RIFF"],
];

/** Tells text from other content and decodes it; a byte order mark stays its first character. */
export function decodeFile(bytes: Uint8Array): FileText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return { encoding: "utf-16le", text: decode(buffer, "utf-16le") };
  if (buffer[0] === 0xfe && buffer[1] === 0xff) return { encoding: "utf-16be", text: decode(buffer, "utf-16be") };
  const start = buffer.subarray(0, bytesLookedAt).toString("latin1");
  const kind = signatures.find(([, signature]) => start.startsWith(signature))?.[0];
  if (start.includes("\0") || (kind !== undefined && !isUtf8(buffer))) {
    return { encoding: "binary", kind: kind ?? "unknown kind" };
  }
  if (isUtf8(buffer)) return { encoding: "utf-8", text: decode(buffer, "utf-8") };
  return { encoding: "latin1", text: buffer.toString("latin1") };
}

/** The bytes of a text; undefined when it has characters that the encoding lacks. */
export function encodeText(text: string, encoding: TextEncoding): Buffer | undefined {
  switch (encoding) {
    case "utf-8":
      return text.isWellFormed() ? Buffer.from(text) : undefined;
    case "utf-16le":
      return Buffer.from(text, "utf16le");
    case "utf-16be":
      return Buffer.from(text, "utf16le").swap16();
    case "latin1":
      return /[^\0-\xff]/.test(text) ? undefined : Buffer.from(text, "latin1");
    default:
      return encoding satisfies never;
  }
}

function decode(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
}

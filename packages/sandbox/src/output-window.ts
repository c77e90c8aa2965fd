const bytesAtEachEnd = 15_000;

/** Keeps the beginning and the end of a text of any length in memory of one size, and counts what lay between. */
export class OutputWindow {
  readonly #head: Buffer;
  /** A ring: the next byte goes to `#tailWritten` modulo its length. */
  readonly #tail: Buffer;
  #headLength = 0;
  #tailWritten = 0;

  constructor(endSize = bytesAtEachEnd) {
    this.#head = Buffer.alloc(endSize);
    this.#tail = Buffer.alloc(endSize);
  }

  append(text: string): void {
    const bytes = Buffer.from(text);
    const taken = bytes.copy(this.#head, this.#headLength);
    this.#headLength += taken;
    this.#appendToTail(bytes.subarray(taken));
  }

  /** What was appended; when it was too long, with a line in the middle that says how many bytes it stands for. */
  text(): string {
    const head = this.#head.subarray(0, this.#headLength);
    const tail = this.#tailBytes();
    const lost = this.#tailWritten - tail.length;
    if (lost === 0) return Buffer.concat([head, tail]).toString();
    const shownHead = withoutPartAtEnd(head);
    const shownTail = withoutPartAtStart(tail);
    const cut = lost + head.length - shownHead.length + tail.length - shownTail.length;
    return `${shownHead.toString()}\n[… ${cut.toLocaleString("en")} bytes cut …]\n${shownTail.toString()}`;
  }

  #appendToTail(bytes: Buffer): void {
    const size = this.#tail.length;
    const kept = bytes.subarray(Math.max(0, bytes.length - size));
    const position = (this.#tailWritten + bytes.length - kept.length) % size;
    const copied = kept.copy(this.#tail, position);
    kept.copy(this.#tail, 0, copied);
    this.#tailWritten += bytes.length;
  }

  #tailBytes(): Buffer {
    const size = this.#tail.length;
    if (this.#tailWritten <= size) return this.#tail.subarray(0, this.#tailWritten);
    const oldest = this.#tailWritten % size;
    return Buffer.concat([this.#tail.subarray(oldest), this.#tail.subarray(0, oldest)]);
  }
}

function withoutPartAtStart(bytes: Buffer): Buffer {
  let start = 0;
  while (isContinuation(bytes[start])) start += 1;
  return bytes.subarray(start);
}

function withoutPartAtEnd(bytes: Buffer): Buffer {
  let start = bytes.length - 1;
  while (isContinuation(bytes[start])) start -= 1;
  const characterLength = utf8Length(bytes[start] ?? 0);
  return start + characterLength > bytes.length ? bytes.subarray(0, start) : bytes;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function utf8Length(firstByte: number): number {
  if (firstByte < 0x80) return 1;
  if (firstByte < 0xe0) return 2;
  return firstByte < 0xf0 ? 3 : 4;
}

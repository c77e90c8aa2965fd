import type { Block, Extra, NewStep, OutsideCommit, Session } from "@bough/gitstate";
import type { Image, ResultBlock } from "@bough/models";
import * as z from "zod";
import { mostImageBytes, readImage } from "./tools/image-file.ts";

/** How many of a conversation's pictures are read back; no more are sent. */
const mostReadBack = 20;

const reference = z.object({ type: z.string(), blob: z.string() });

/** The pictures of a conversation: git has their bytes, and the records name them. */
export class Pictures {
  readonly #session: Pick<Session, "keepBytes" | "readBytes">;
  readonly #known = new Map<string, Image | undefined>();
  readonly #blobs = new WeakMap<Image, string>();

  constructor(session: Pick<Session, "keepBytes" | "readBytes">) {
    this.#session = session;
  }

  /** Puts the pictures of these results into git. */
  async keep(results: readonly ResultBlock[]): Promise<void> {
    const images = results.flatMap(({ image }) => image ?? []);
    await Promise.all(
      images.map(async (image) => {
        const blob = await this.#session.keepBytes(Buffer.from(image.data, "base64"));
        this.#known.set(blob, image);
        this.#blobs.set(image, blob);
      }),
    );
  }

  /** What a record keeps of a result's picture, which was put into git. */
  recorded({ image }: ResultBlock): Extra {
    const blob = image && this.#blobs.get(image);
    return blob === undefined ? {} : { image: { type: image?.mediaType, blob } };
  }

  /** Reads the newest pictures that these entries name and that are not known yet. */
  async load(entries: readonly (NewStep | OutsideCommit)[]): Promise<void> {
    const blocks = entries.flatMap((entry) => ("blocks" in entry ? entry.blocks : []));
    const named = blocks.flatMap((block) => referenceIn(block)?.blob ?? []);
    const missing = new Set(named.slice(-mostReadBack).filter((blob) => !this.#known.has(blob)));
    await Promise.all([...missing].map(async (blob) => this.#known.set(blob, await this.#read(blob))));
  }

  /** What a block is sent with: its picture, or words in its place when there is one no more. */
  shown(block: Extract<Block, { type: "result" }>): Pick<ResultBlock, "text" | "image"> {
    const named = referenceIn(block);
    if (named === undefined) return { text: block.text };
    const image = this.#known.get(named.blob);
    // As for one that is left out of a request because there are newer ones.
    return image === undefined
      ? { text: `${block.text}\n(The picture is not shown again.)` }
      : { text: block.text, image };
  }

  /** A record may have been written by anybody: what it names is sent only when it is a picture. */
  async #read(blob: string): Promise<Image | undefined> {
    const bytes = await this.#session.readBytes(blob, mostImageBytes);
    const found = bytes && readImage(bytes);
    return bytes && found && { mediaType: found.mediaType, data: Buffer.from(bytes).toString("base64") };
  }
}

function referenceIn(block: Block): z.infer<typeof reference> | undefined {
  return block.type === "result" ? reference.safeParse(block.extra?.["image"]).data : undefined;
}

import type { KeyPlace, OverlayAction } from "../keys/actions.ts";
import type { Line } from "../text/line.ts";
import type { Overlay, OverlayHost } from "./overlay.ts";
import { Rows } from "./rows.ts";

/** What is shown in an overlay that is only read, or answered with a key. */
export interface LinesOptions {
  readonly place: KeyPlace;
  layOut(width: number): readonly Line[];
  /** What its own keys do. */
  readonly does?: Partial<Record<OverlayAction, () => void>>;
}

/** Lines to scroll through. */
export class LinesOverlay implements Overlay {
  readonly place: KeyPlace;
  readonly #options: LinesOptions;
  readonly #host: OverlayHost;
  readonly #rows = new Rows({ hasChoice: false });
  #shown: { readonly width: number; readonly lines: readonly Line[] } | undefined;

  constructor(options: LinesOptions, host: OverlayHost) {
    this.place = options.place;
    this.#options = options;
    this.#host = host;
  }

  lines(width: number, rows: number): readonly Line[] {
    if (this.#shown?.width !== width) this.#shown = { width, lines: this.#options.layOut(width) };
    const { lines } = this.#shown;
    const { start, end } = this.#rows.seen(lines.length, rows);
    return lines.slice(start, end);
  }

  scroll(rows: number): void {
    this.#rows.scroll(rows);
  }

  act(action: OverlayAction): void {
    if (this.#rows.act(action)) return;
    if (action === "list-close") this.#host.close();
    else this.#options.does?.[action]?.();
  }
}

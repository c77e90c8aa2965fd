import type { Editor } from "../editor/editor.ts";
import type { KeyPlace, OverlayAction } from "../keys/actions.ts";
import type { Program } from "../program/program.ts";
import type { Tab } from "../program/tab.ts";
import type { Line } from "../text/line.ts";

/** Something that is opened over the transcript, until it is closed. */
export interface Overlay {
  /** Whose keys it takes. */
  readonly place: KeyPlace;
  /** What is typed into, while something is looked for. */
  readonly field?: OverlayField | undefined;
  /** Lays out what is seen in an area of a size. */
  lines(width: number, rows: number): readonly Line[];
  act(action: OverlayAction): void;
  /** Goes down by rows, or up by negative ones. */
  scroll(rows: number): void;
  /** Ends the typing: what was typed holds, or is given up. */
  endField?(holds: boolean): void;
}

/** A text that is typed to look for it. */
export interface OverlayField {
  readonly editor: Editor;
  readonly placeholder: string;
}

/** What an overlay is opened in. */
export interface OverlayHost {
  readonly program: Program;
  /** The tab that is looked at. */
  readonly tab: Tab;
  /** Opens another one over what is there. */
  open(overlay: Overlay): void;
  /** Closes the one on top. */
  close(): void;
  /** Closes all of them. */
  closeAll(): void;
  /** Tells something on the line where else keys are named. */
  say(message: string): void;
  /** Puts a text where prompts are typed. */
  write(text: string): void;
  /** Does something that takes its time; what goes wrong with it is told. */
  run(work: () => Promise<void>): void;
}

import type { Diff, LandOptions } from "@bough/gitstate";
import type { Tab } from "./tab.ts";

/** Something to look at that is more than an answer: it is gone through, and things are done in it. */
export type View =
  | { readonly type: "tree" }
  | { readonly type: "diff"; readonly diff: Diff; readonly isSideBySide: boolean }
  /** What a merge would bring, with the question whether to. */
  | { readonly type: "merge"; readonly tab: Tab; readonly branch: string }
  | ({ readonly type: "land"; readonly branch: string } & Pick<LandOptions, "mode" | "onto">)
  /** The commands there are, and what is wrong with files of the user's that are to be some. */
  | { readonly type: "help"; readonly commands: readonly HelpEntry[]; readonly warnings: readonly string[] };

/** A command, and what it does. */
export interface HelpEntry {
  readonly usage: string;
  readonly help: string;
}

/** What only the one in front of the program can do, drawn or not; a command that needs what it lacks is not listed. */
export interface Front {
  /** Gives the terminal away for as long as something runs, and takes it back. */
  readonly handOver?: <Result>(run: () => Promise<Result>) => Promise<Result>;
  /** Puts a text where the user pastes from. */
  readonly copy?: (text: string) => void;
  /** Turns the mouse over to the program, or back to the terminal; returns whether the program has it now. */
  readonly toggleMouse?: () => boolean;
  /** Shows more of what is done, or less; returns whether it is more now. */
  readonly toggleVerbose?: () => boolean;
  /** Shows something that is gone through. */
  readonly show?: (view: View) => void;
  /** Ends the program. */
  readonly leave?: () => void;
}

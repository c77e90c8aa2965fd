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
  /** Ends the program. */
  readonly leave?: () => void;
}

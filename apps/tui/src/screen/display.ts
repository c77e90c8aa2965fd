/** What pictures are shown on. */
export interface Display {
  readonly rows: number;
  readonly columns: number;
  /** Shows what a picture changed; `done` is called once it was taken in, and no other comes before that. */
  write(text: string, done: () => void): void;
  /** Says whether the mouse is ours, or the terminal's own. */
  setMouse(isOn: boolean): void;
  /** Gives the terminal back to the shell, until the shell gives it again. */
  suspend(): void;
}

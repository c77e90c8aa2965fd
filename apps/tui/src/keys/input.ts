/** What came from a terminal. */
export type Input =
  /**
   * A key with its modifiers, in the order of `C-M-S-x`: a character, or a name such as `enter`, `up` or `f1`. It has a text
   * when it writes one.
   */
  | { readonly type: "key"; readonly key: string; readonly text?: string }
  | { readonly type: "paste"; readonly text: string }
  /** Rows and columns are counted from 0. */
  | {
      readonly type: "mouse";
      readonly what: "press" | "release" | "drag" | "wheel-up" | "wheel-down";
      readonly button: "left" | "middle" | "right";
      readonly row: number;
      readonly column: number;
    }
  | { readonly type: "focus"; readonly has: boolean }
  /** Where the terminal says that its cursor is, counted from 0. */
  | { readonly type: "cursor"; readonly row: number; readonly column: number }
  /** Any other answer of the terminal, without what it begins and ends with. */
  | { readonly type: "reply"; readonly kind: "csi" | "osc" | "dcs"; readonly text: string };

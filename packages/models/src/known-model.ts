/** What is known of a model without asking it. */
export interface KnownModel {
  /** Tokens that a request and its answer may have together. */
  readonly context: number;
  /** Tokens that an answer may have. */
  readonly output: number;
  readonly price?: ModelPrice;
}

/** US dollars per million tokens, by what a request costs when it is not long. */
export interface ModelPrice extends TokenPrices {
  /** What all tokens of a request cost instead when more than `over` tokens were sent; the longest last. */
  readonly long?: readonly (TokenPrices & { readonly over: number })[];
}

/** US dollars per million tokens. */
export interface TokenPrices {
  readonly input: number;
  readonly output: number;
  /** Without one, tokens that were read from a cache cost what others do. */
  readonly cacheRead?: number;
  /** Without one, tokens that were written to a cache cost what others do. */
  readonly cacheWrite?: number;
}

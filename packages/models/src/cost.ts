import type { ModelPrice, TokenPrices } from "./known-model.ts";
import type { Usage } from "./model.ts";

/** Says in US dollars what a request took. */
export function costOf(usage: Usage, price: ModelPrice): number {
  const sent = usage.input + usage.cacheRead + usage.cacheWrite;
  const { input, output, cacheRead = input, cacheWrite = input } = pricesAt(sent, price);
  const millionths =
    usage.input * input + usage.output * output + usage.cacheRead * cacheRead + usage.cacheWrite * cacheWrite;
  // To a millionth of a cent: what is smaller is only how numbers with a fraction are kept.
  return Math.round(millionths * 100) / 1e8;
}

function pricesAt(sent: number, price: ModelPrice): TokenPrices {
  return price.long?.findLast(({ over }) => sent > over) ?? price;
}

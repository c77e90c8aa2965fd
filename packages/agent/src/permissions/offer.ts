/** What a person can allow from now on: one rule, or several that take effect together. */
export type Offer = readonly string[];

/** An offer as it is shown, and as an answer names it. */
export function describeOffer(offer: Offer): string {
  return offer.join(" and ");
}

import { findMask } from "../secrets/masker.ts";

/** Throws when a file that is there would come to hold a mask that it did not: the secret would be lost. */
export function refuseMasks(before: string, after: string): void {
  const mask = findMask(after);
  if (mask === undefined || before.includes(mask)) return;
  throw new Error(
    `${mask} stands for a secret that you are not shown; written, it would take the secret's place. ` +
      "Change only what is around it with Edit, or leave the secret to the user.",
  );
}

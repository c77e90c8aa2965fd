import { type Comparison, interleave, type Side } from "./interleave.ts";
import { table } from "./table.ts";

/** What bough does, timed beside the plain git command that it replaces. */
export interface BesideGit {
  readonly what: string;
  readonly files: number;
  readonly command: string;
  readonly ours: Side;
  readonly baseline: Side;
}

/** A line of the table. */
export type ComparedRow = readonly (string | number)[];

/** Times both in turns, for a line of the table. */
export async function besideGit(compared: BesideGit, rounds: number): Promise<ComparedRow> {
  return row(compared, await interleave(compared, rounds));
}

function row({ what, files, command }: BesideGit, { ours, baseline, ratio }: Comparison): ComparedRow {
  return [what, files, ours, command, baseline, Number(ratio.toFixed(2))];
}

/** Prints the lines under a heading. */
export function printBesideGit(heading: string, rows: readonly ComparedRow[]): void {
  console.log(`${heading}\n`);
  console.log(table(["bough", "files", "median, ms", "git", "its median, ms", "ratio"], rows));
}

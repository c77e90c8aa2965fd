import {
  findLandable,
  type LandOptions,
  type LandResult,
  landSession,
  previewMerge,
  previewRewind,
  Repository,
} from "@bough/gitstate";
import { describeLanding } from "../history/describe-landing.ts";
import { describeMerge } from "../history/describe-merge.ts";
import { formatRewind } from "../history/format-rewind.ts";
import type { Page } from "../history/page.ts";
import { landFrom, mergeInto, rewindTo } from "../program/branch-work.ts";
import { agentOf } from "../program/slash/session-of.ts";
import type { Tab } from "../program/tab.ts";
import { styles } from "../styles.ts";
import type { Line } from "../text/line.ts";
import { wrap } from "../text/wrap.ts";
import { layOutDiff } from "../views/diff-view.ts";
import { parsePatch } from "../views/patch.ts";
import { spansOf } from "../views/styled-text.ts";
import { ConflictOverlay } from "./conflict-overlay.ts";
import { LinesOverlay } from "./lines-overlay.ts";
import type { OverlayHost } from "./overlay.ts";

/** Shows what a merge into the branch of a tab would bring, and asks; or where the two do not go together. */
export async function openMerge(host: OverlayHost, tab: Tab, other: string): Promise<void> {
  const agent = agentOf({ tab });
  const repository = await Repository.open(host.program.cwd);
  const into = await findLandable(repository, agent.branch);
  const preview = await previewMerge(repository, { other, into });
  if (preview.type === "conflict") {
    host.open(await ConflictOverlay.of(preview.conflicts, { host, repository, tab, other }));
    return;
  }
  const words = { branch: other, into: agent.branch, again: "" };
  if (preview.type === "up-to-date") return host.say(describeMerge(preview, words));
  const patch = parsePatch(preview.diff);
  ask(host, {
    question: `Merge ${other} into ${agent.branch}?`,
    layOut: (width) => layOutDiff(preview, patch, { width, isSideBySide: false }).lines,
    yes: () => mergeInto({ program: host.program, tab, line: `/merge ${other}` }, { branch: other, preview: false }),
  });
}

/** Shows what landing a branch would change, and asks; or why it does not land. */
export async function openLanding(
  host: OverlayHost,
  branch: string,
  { mode, onto }: Pick<LandOptions, "mode" | "onto">,
): Promise<void> {
  const repository = await Repository.open(host.program.cwd);
  const result = await landSession(repository, await findLandable(repository, branch), { mode, onto, preview: true });
  if (result.type === "up-to-date") return host.say(describeLanding(result, landWords(branch, onto)));
  const text = describeLanding(result, landWords(branch, onto));
  if (result.type === "conflict") return tell(host, `${branch} does not land`, text);
  ask(host, {
    question: `Land ${branch} on ${onto ?? (await checkedOut(repository))}${as(result)}?`,
    layOut: (width) => textLines(text, width),
    yes: async () => {
      const tab = await host.program.resume(branch);
      await landFrom({ program: host.program, tab, line: "/land" }, { mode, onto });
    },
  });
}

/** Shows what taking a branch back to after a commit would change, and asks. */
export async function openRewind(host: OverlayHost, branch: string, commit: string): Promise<void> {
  const repository = await Repository.open(host.program.cwd);
  const result = await previewRewind(repository, branch, { after: commit });
  if (result.type === "up-to-date") return host.say(`${branch} stands there already`);
  ask(host, {
    question: `Take ${branch} back?`,
    layOut: (width) => textLines(formatRewind(result, branch, pageFor(width)), width),
    yes: async () => {
      const tab = await host.program.resume(branch);
      await rewindTo({ program: host.program, tab, line: `/rewind ${commit.slice(0, 9)}` }, { rev: commit });
    },
  });
}

interface Asking {
  readonly question: string;
  layOut(width: number): readonly Line[];
  yes(): Promise<void>;
}

function ask(host: OverlayHost, { question, layOut, yes }: Asking): void {
  const does = {
    "preview-yes": () => {
      host.closeAll();
      host.run(yes);
    },
  };
  host.open(
    new LinesOverlay(
      { place: "preview", layOut: (width) => [...title(question, width), ...layOut(width)], does },
      host,
    ),
  );
}

function tell(host: OverlayHost, heading: string, text: string): void {
  const layOut = (width: number) => [...title(heading, width), ...textLines(text, width)];
  host.open(new LinesOverlay({ place: "list", layOut }, host));
}

function title(text: string, width: number): Line[] {
  return [
    ...wrap(
      [
        { text: "? ", style: { role: "warning", bold: true } },
        { text, style: { bold: true } },
      ],
      width,
    ),
    [],
  ];
}

function textLines(text: string, width: number): Line[] {
  return text
    .trimEnd()
    .split("\n")
    .flatMap((line) => wrap(spansOf(line), width));
}

function pageFor(width: number): Page {
  return { width, look: styles({ isTTY: true, write: () => {} }), now: new Date() };
}

function landWords(branch: string, onto: string | undefined) {
  return { branch, onto, preview: true, apply: "/land --apply", merge: `/merge ${onto ?? "<your branch>"}` };
}

function as(result: LandResult): string {
  return result.type === "applied" ? " as uncommitted edits" : " as one commit";
}

async function checkedOut(repository: Repository): Promise<string> {
  return (await repository.head()).branch ?? "your checkout";
}

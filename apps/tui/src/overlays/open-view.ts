import type { View } from "../program/front.ts";
import { DiffOverlay } from "./diff-overlay.ts";
import { commandsOverlay } from "./help.ts";
import type { OverlayHost } from "./overlay.ts";
import { openLanding, openMerge } from "./previews.ts";
import { openTree } from "./tree-overlay.ts";

/** Opens what is to be looked at over the transcript. */
export async function openView(host: OverlayHost, view: View): Promise<void> {
  switch (view.type) {
    case "tree":
      return openTree(host);
    case "diff":
      return host.open(new DiffOverlay(view.diff, host, view));
    case "merge":
      return openMerge(host, view.tab, view.branch);
    case "land":
      return openLanding(host, view.branch, view);
    case "help":
      return host.open(commandsOverlay(view, host));
    default:
      return view satisfies never;
  }
}

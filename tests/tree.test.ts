import { test } from "vitest";
import { hasTmux, Pane } from "./pane.ts";
import { story } from "./story.ts";

const why = hasTmux ? "" : " (skipped: tmux, a terminal that can be read, is not installed)";

test.skipIf(!hasTmux)(
  `branches are forked, looked at as a tree, merged after a preview, and landed, by keys alone${why}`,
  async () => {
    await using bough = await story({
      script: [
        { text: "One." },
        { calls: [{ name: "Write", input: { file_path: "two.txt", content: "two\n" } }] },
        { text: "Two." },
      ],
    });
    await using pane = await Pane.open(bough);
    await pane.command("bough 'wait for it'");
    await pane.until((shown) => shown.includes("One.") && !shown.includes("at work"));
    await pane.press("M-t");
    await pane.until("◆ 1  wait for it");
    await pane.press("f");
    await pane.until("└ wait.1");
    await pane.type("second");
    await pane.press("Enter");
    await pane.until((shown) => shown.includes("Two.") && !shown.includes("at work"));
    await pane.press("M-1");
    await pane.until((shown) => shown.includes("bough/wait ") && !shown.includes("Two."));
    await pane.press("C-g");
    await pane.until("╰─╮ wait.1");
    await pane.press("G", "m");
    await pane.until("? Merge bough/wait.1 into bough/wait?");
    await pane.press("y");
    await pane.until("Merged bough/wait.1 into bough/wait");
    await pane.press("M-t");
    await pane.until("├─╮ wait.1");
    await pane.press("l");
    await pane.until("? Land bough/wait on main as one commit?");
    await pane.press("y");
    await pane.until("Landed bough/wait as");
    await bough.git("cat-file", "-e", "main:two.txt");
  },
);

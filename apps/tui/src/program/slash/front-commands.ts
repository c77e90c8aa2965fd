import { UsageError } from "../../exit-code.ts";
import { answer, type SlashCommand } from "./command.ts";

/** Commands about the program itself, as far as what is in front of it can do them. */
export const frontCommands = [
  {
    name: "copy",
    synopsis: "",
    help: "Copy the last answer to the clipboard",
    needs: "copy",
    run(call) {
      const last = call.tab.transcript.entries.findLast(({ entry }) => entry.type === "answer")?.entry;
      if (last?.type !== "answer") throw new UsageError("There is no answer to copy yet.");
      call.program.front.copy?.(last.text);
      answer(call, "Copied.");
    },
  },
  {
    name: "mouse",
    synopsis: "",
    help: "Give the mouse to the terminal, to select text with it, or take it back",
    needs: "toggleMouse",
    run: (call) =>
      answer(call, call.program.front.toggleMouse?.() ? "The mouse is the program's." : "The mouse is the terminal's."),
  },
  {
    name: "verbose",
    synopsis: "",
    help: "Show all that is thought and printed, or a line of it",
    needs: "toggleVerbose",
    run: (call) =>
      answer(call, call.program.front.toggleVerbose?.() ? "All is shown." : "Thoughts and results are folded."),
  },
  {
    name: "exit",
    synopsis: "[--all]",
    help: "Close this tab, which archives its branch; the last tab, or with --all, leave and archive nothing",
    also: ["quit", "close", "q", "bye"],
    needs: "leave",
    async run({ program, tab, words }) {
      const isAll = words.length === 1 && words[0] === "--all";
      if (words.length > 0 && !isAll) throw new UsageError(`/exit does not take ${words.join(" ")}.`);
      if (isAll || program.tabs.length === 1) program.front.leave?.();
      else await program.close(tab);
    },
  },
] as const satisfies readonly SlashCommand[];

import { expect, test } from "vitest";
import { Progress } from "./progress.ts";

test("what a model calls a tool cannot steer the terminal", () => {
  const written: string[] = [];
  const output = { isTTY: false, write: (text: string) => written.push(text) > 0 };
  const name = "Bash\u001b]0;title\u0007\r\n\u202e";
  new Progress(output).event({ type: "tool-start", branch: "bough/x", id: "1", name, input: { command: "ls" } });
  expect(written.join("")).toMatch(/^ {2}Bash[ -~]* ls\n$/);
});

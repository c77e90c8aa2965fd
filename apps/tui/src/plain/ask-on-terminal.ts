import { createInterface } from "node:readline";
import type { Ask } from "@bough/agent";
import type { Streams } from "../streams.ts";
import { formatQuestion, parseAnswer } from "./question.ts";

/**
 * Asks on the plain terminal, before anything else is there; undefined where nobody is to ask. Anything but a yes is a
 * no, also an empty line and an input that ends.
 */
export function askOnTerminal({ stdin, stderr }: Streams): Ask | undefined {
  if (stdin.isTTY !== true || stderr.isTTY !== true) return undefined;
  return async (question) => {
    stderr.write(`${formatQuestion(question)}\ny/N> `);
    const lines = createInterface({ input: stdin, terminal: false });
    try {
      for await (const line of lines) return parseAnswer(line, question) ?? { allow: false };
      stderr.write("\n");
      return { allow: false };
    } finally {
      lines.close();
    }
  };
}

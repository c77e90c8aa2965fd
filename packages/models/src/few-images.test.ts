import { expect, test } from "vitest";
import { withFewImages } from "./few-images.ts";
import type { Message } from "./model.ts";

function showing(count: number, data: string): Message[] {
  const image = { mediaType: "image/png", data } as const;
  return Array.from({ length: count }, (_, index) => ({
    role: "user",
    content: [{ type: "result", id: `${index}`, name: "Read", text: `${index}`, image }],
  }));
}

function texts(messages: readonly Message[]): (string | undefined)[] {
  return messages.flatMap(({ content }) =>
    content.map((block) => (block.type === "result" ? `${block.text}${block.image ? " shown" : ""}` : undefined)),
  );
}

const leftOut = "(The picture is not shown again.)";

test("a conversation with few pictures is sent as it is", () => {
  const messages = showing(20, "AAAA");
  expect(withFewImages(messages)).toBe(messages);
});

test("of more than twenty pictures the newest are sent", () => {
  const sent = texts(withFewImages(showing(22, "AAAA")));
  expect(sent.slice(0, 3)).toEqual([`0\n${leftOut}`, `1\n${leftOut}`, "2 shown"]);
});

test("of pictures that are too large together the newest are sent", () => {
  const sent = texts(withFewImages(showing(4, "A".repeat(5_000_000))));
  expect(sent).toEqual([`0\n${leftOut}`, "1 shown", "2 shown", "3 shown"]);
});

import { expect, test } from "vitest";
import { maskKeys } from "./mask-keys.ts";

const env = { ANTHROPIC_API_KEY: "sk-ant-0123456789abcdef", OPENAI_API_KEY: "short", HOME: "/home/somebody-here" };

test("a provider's key is replaced by the name of its variable, wherever it stands", () => {
  expect(maskKeys("KEY=sk-ant-0123456789abcdef\nxsk-ant-0123456789abcdefx", env)).toBe(
    "KEY=[ANTHROPIC_API_KEY, masked]\nx[ANTHROPIC_API_KEY, masked]x",
  );
});

test("values that are no keys, or too short to be one, stay", () => {
  expect(maskKeys("short /home/somebody-here", env)).toBe("short /home/somebody-here");
});

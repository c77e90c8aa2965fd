import type { Message, ModelRequest } from "@bough/models";
import { expect, test } from "vitest";
import { Forecast } from "./forecast.ts";

const price = { input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5 };
const user = (length: number): Message => ({ role: "user", content: [{ type: "text", text: "x".repeat(length) }] });
const reply: Message = { role: "assistant", content: [{ type: "text", text: "Yes." }] };
const request = (...messages: Message[]): ModelRequest => ({ system: "", messages, tools: [] });

test("before a first answer the length of a request tells what it takes", () => {
  expect(new Forecast(price).of(request(user(4_000_000 - 2)))).toEqual({ tokens: 1_000_000, cost: 10 });
});

test("after an answer the provider's count tells it, and the length of what is new", () => {
  const forecast = new Forecast(price);
  forecast.learn(request(user(40)), { input: 700, output: 200, cacheRead: 0, cacheWrite: 0 });
  expect(forecast.of(request(user(40), reply, user(400)))).toEqual({ tokens: 1000, cost: 0.01 });
});

test("what a cache holds is expected at the cache's price", () => {
  const forecast = new Forecast(price);
  forecast.learn(request(user(40)), { input: 0, output: 1000, cacheRead: 6000, cacheWrite: 3000 });
  expect(forecast.of(request(user(40), reply, user(0)))).toEqual({ tokens: 10_000, cost: 0.019 });
});

test("a conversation that was made shorter is expected to take less", () => {
  const forecast = new Forecast(price);
  forecast.learn(request(user(9998)), { input: 5000, output: 1, cacheRead: 0, cacheWrite: 0 });
  expect(forecast.of(request(user(998))).tokens).toBe(500);
});

test("without a price only tokens are told", () => {
  expect(new Forecast(undefined).of(request(user(398)))).toEqual({ tokens: 100, cost: 0 });
});

import { expect, test } from "vitest";
import type { Answer, Question } from "./modes.ts";
import { oneAtATime } from "./one-at-a-time.ts";

const about = (question: string): Question => ({ type: "question", question, options: [] });

test("a question waits until the one before it is answered", async () => {
  const shown: string[] = [];
  const answers = [Promise.withResolvers<Answer>(), Promise.withResolvers<Answer>()];
  const ask = oneAtATime(async (question) => {
    if (question.type === "question") shown.push(question.question);
    return answers[shown.length - 1]?.promise ?? expect.fail();
  });
  const { signal } = new AbortController();
  const both = [ask(about("one"), { signal }), ask(about("two"), { signal })];
  await Promise.resolve();
  expect(shown).toEqual(["one"]);
  answers[0]?.resolve({ text: "1" });
  expect(await both[0]).toEqual({ text: "1" });
  answers[1]?.resolve({ text: "2" });
  expect(await both[1]).toEqual({ text: "2" });
});

test("a question that is interrupted keeps the next one from nothing, and one behind it is not put", async () => {
  const shown: string[] = [];
  const ask = oneAtATime((question) => {
    if (question.type === "question") shown.push(question.question);
    return shown.length === 1 ? new Promise(() => {}) : Promise.resolve({ text: "2" });
  });
  const user = new AbortController();
  const cut = ["one", "never"].map((question) => ask(about(question), { signal: user.signal }));
  await Promise.resolve();
  user.abort(new Error("interrupted"));
  await Promise.all(cut.map((each) => expect(each).rejects.toThrow("interrupted")));
  expect(await ask(about("two"), { signal: new AbortController().signal })).toEqual({ text: "2" });
  expect(shown.at(-1)).toBe("two");
  expect(shown).not.toContain("never");
});

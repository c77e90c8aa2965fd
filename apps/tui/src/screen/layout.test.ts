import { expect, test } from "vitest";
import { Layout, type LayoutOptions } from "./layout.ts";

async function places(options: Partial<LayoutOptions>) {
  using layout = await Layout.open();
  const panes = layout.panes({ rows: 24, columns: 80, questionRows: 0, editorRows: 1, ...options });
  return Object.fromEntries(
    Object.entries(panes).map(([name, { row, column, rows, columns }]) => [
      name,
      [row, column, rows, columns].join(" "),
    ]),
  );
}

test("the panes fill the screen, the editor at the foot", async () => {
  expect(await places({})).toEqual({
    tabs: "0 0 1 80",
    transcript: "2 1 18 78",
    question: "20 1 0 78",
    rule: "20 0 1 80",
    editor: "21 1 1 78",
    status: "22 1 1 78",
    help: "23 1 1 78",
  });
});

test("a question and a longer text take room from the transcript", async () => {
  expect(await places({ questionRows: 5, editorRows: 4 })).toMatchObject({
    transcript: "2 1 10 78",
    question: "12 1 5 78",
    rule: "17 0 1 80",
    editor: "18 1 4 78",
  });
});

test("a screen that is too low shows the editor and what is below it", async () => {
  expect(await places({ rows: 4, columns: 20, questionRows: 9, editorRows: 3 })).toMatchObject({
    transcript: expect.stringMatching(/ 0 18$/),
    question: expect.stringMatching(/ 0 18$/),
    editor: "0 1 2 18",
    status: "2 1 1 18",
    help: "3 1 1 18",
  });
});

test("the same layout serves a screen that is resized", async () => {
  using layout = await Layout.open();
  const options = { questionRows: 0, editorRows: 1 };
  const before = layout.panes({ rows: 24, columns: 80, ...options });
  layout.panes({ rows: 200, columns: 60, ...options });
  expect(layout.panes({ rows: 24, columns: 80, ...options })).toEqual(before);
});

test("what blessed would write reaches no terminal, and it reads no key", async () => {
  const listeners = process.stdin.listenerCount("data") + process.stdin.listenerCount("keypress");
  using _layout = await Layout.open();
  expect(process.stdin.listenerCount("data") + process.stdin.listenerCount("keypress")).toBe(listeners);
});

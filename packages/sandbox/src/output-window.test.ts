import fc from "fast-check";
import { expect, test } from "vitest";
import { OutputWindow } from "./output-window.ts";

test("a short text is kept as it is", () => {
  const window = new OutputWindow(10);
  window.append("one\n");
  window.append("two\n");
  expect(window.text()).toBe("one\ntwo\n");
});

test("of a long text both ends are kept, and the cut is counted", () => {
  const window = new OutputWindow(5);
  for (const letter of "abcdefghijklmnopqrstuvwxyz") window.append(letter);
  expect(window.text()).toBe("abcde\n[… 16 bytes cut …]\nvwxyz");
});

test("a character that the cut would split goes with the cut", () => {
  const window = new OutputWindow(4);
  window.append("aé€€€€yz");
  expect(window.text()).toBe("aé\n[… 12 bytes cut …]\nyz");
});

test("however a text arrives, what is shown and what is counted as cut make up the whole", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 40 })),
      fc.integer({ min: 1, max: 50 }),
      (parts, size) => {
        const window = new OutputWindow(size);
        const whole = parts.map((part) => part.toWellFormed());
        for (const part of whole) window.append(part);
        const text = whole.join("");
        if (Buffer.byteLength(text) <= 2 * size) {
          expect(window.text()).toBe(text);
          return;
        }
        const [, head = "", cut = "", tail = ""] =
          /^(.*)\n\[… ([\d,]+) bytes cut …\]\n(.*)$/su.exec(window.text()) ?? [];
        expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
        expect(Buffer.byteLength(head) + Number(cut.replaceAll(",", "")) + Buffer.byteLength(tail)).toBe(
          Buffer.byteLength(text),
        );
      },
    ),
  );
});

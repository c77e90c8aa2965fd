import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonDocument } from "./json-document.ts";
import { escapeForTerminal } from "./terminal-text.ts";

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)) });

test("a document reads back as what was written, and holds nothing that a terminal would obey or hide", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ text: anyText })), (value) => {
      const document = jsonDocument(value);
      expect(JSON.parse(document)).toEqual(value);
      expect(escapeForTerminal(document)).toBe(document);
    }),
  );
});

test("ordinary text stays readable, and what is unknown is null", () => {
  expect(jsonDocument({ text: "Grüße 漢字 \u202e\x9b", cost: undefined, date: new Date(0) })).toMatchInlineSnapshot(`
    "{
      "text": "Grüße 漢字 \\u202e\\u009b",
      "cost": null,
      "date": "1970-01-01T00:00:00.000Z"
    }
    "
  `);
});

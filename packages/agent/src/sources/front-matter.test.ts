import * as fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import { fieldsOf, readFrontMatter } from "./front-matter.ts";

const fields = async (yaml: string) => (await readFrontMatter(`---\n${yaml}\n---\n`)).fields;
const failure = (text: string) =>
  readFrontMatter(text).then(
    () => "none",
    ({ line, message }) => `${line}: ${message}`,
  );

test("a text without front matter is all body", async () => {
  expect(await readFrontMatter("Hello.\n---\na: b\n---\n")).toMatchObject({
    fields: {},
    body: "Hello.\n---\na: b\n---\n",
  });
  expect(await readFrontMatter("")).toMatchObject({ fields: {}, body: "" });
});

test("what stands between the marks are fields, what follows is the body, also where lines end as on Windows", async () => {
  expect(await readFrontMatter("---\nname: a\ntools: [Read, Grep]\n---\n\nBody\n")).toMatchObject({
    fields: { name: "a", tools: ["Read", "Grep"] },
    body: "\nBody\n",
  });
  expect(await readFrontMatter("---\r\nname: a\r\nmore: b\r\n---\r\nBody\r\n")).toMatchObject({
    fields: { name: "a", more: "b" },
    body: "Body\r\n",
  });
  expect(await readFrontMatter("---\n---\nBody")).toMatchObject({ fields: {}, body: "Body" });
});

test("a description that is no YAML is taken as other agents take it", async () => {
  expect(await fields("name: a\ndescription: Use it when: asked\nargument-hint: [pr] [priority]\npaths: *.ts")).toEqual(
    {
      name: "a",
      description: "Use it when: asked",
      "argument-hint": "[pr] [priority]",
      paths: "*.ts",
    },
  );
});

test("what cannot be read is told with its line", async () => {
  expect(await failure('---\nname: a\ndescription: "no end\n---\n')).toMatch(/^4: it is no YAML: /);
  expect(await failure("---\nname: a\nname: b\n---\n")).toBe("3: it is no YAML: Map keys must be unique");
  expect(await failure("---\n- a\n- b\n---\n")).toBe("1: it has to be fields, without aliases");
  expect(await failure("---\nname: a\n")).toBe("1: the front matter does not end with --- within 16384 characters");
});

test("a field that is not what it has to be is told with its line", async () => {
  const schema = z.object({ name: z.string(), size: z.int({ error: "a whole number" }) });
  const matter = await readFrontMatter("---\nname: a\n\nsize: large\n---\n");
  expect(() => fieldsOf(matter, schema)).toThrow(
    expect.objectContaining({ line: 4, message: "size has to be a whole number" }),
  );
});

test("aliases that stand for more than memory holds are not followed", async () => {
  const levels = Array.from({ length: 9 }, (_, index) => {
    const before = index === 0 ? '"lol"' : `*a${index - 1}`;
    return `a${index}: &a${index} [${Array(9).fill(before).join(",")}]`;
  });
  expect(await failure(`---\n${levels.join("\n")}\n---\n`)).toBe("1: it has to be fields, without aliases");
});

test("a key of a megabyte, and lists a thousand deep, are refused at once", async () => {
  expect(await failure(`---\n${"k".repeat(1024 ** 2)}: 1\n---\n`)).toMatch(/does not end with --- within/);
  expect(await failure(`---\na:\n  ${"[".repeat(8_000)}${"]".repeat(8_000)}\n---\n`)).toMatch(/: it is no YAML/);
});

test("a key that names a part of every object is a field like any other", async () => {
  const read = await fields("__proto__: { polluted: true }\nconstructor: x");
  expect(Reflect.get({}, "polluted")).toBeUndefined();
  expect(read.constructor).toBe("x");
});

test("whatever stands there is read or refused as front matter", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: fc.constantFrom(..."ab:-[]{}&*!|>'\"#%@`,?\n \t") }), async (yaml) => {
      const read = await readFrontMatter(`---\n${yaml}\n---\n`).catch((error) => error.name);
      expect(typeof read === "object" || read === "FrontMatterError").toBe(true);
    }),
  );
});

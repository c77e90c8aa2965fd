import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rgPath } from "@vscode/ripgrep";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { compileGlob } from "./glob.ts";

test.each([
  ["*.ts", "a.ts", true],
  ["*.ts", "src/deep/a.ts", true],
  ["*.ts", "a.tsx", false],
  ["*", ".env", true],
  ["src/*.ts", "src/a.ts", true],
  ["src/*.ts", "src/deep/a.ts", false],
  ["src/*.ts", "other/src/a.ts", false],
  ["/a.ts", "a.ts", true],
  ["/a.ts", "src/a.ts", false],
  ["./src/a.ts", "src/a.ts", true],
  ["src/**/*.ts", "src/a.ts", true],
  ["src/**/*.ts", "src/x/y/a.ts", true],
  ["**/test/**", "a/test/b/c", true],
  ["src/**", "src", false],
  ["src/**", "src/.hidden/a", true],
  ["*.{ts,tsx}", "a.tsx", true],
  ["*.{ts,{js,mjs}}", "a.mjs", true],
  ["{a,b}/c", "b/c", true],
  ["{a}", "{a}", true],
  ["{a,b", "{a,b", true],
  ["a?c", "abc", true],
  ["a?c", "a/c", false],
  ["a?c", "a😀c", true],
  ["[a-c]x", "bx", true],
  ["[!a-c]x", "bx", false],
  ["[^a-c]x", "dx", true],
  ["[]]x", "]x", true],
  ["[ab", "[ab", true],
  ["\\*", "*", true],
  ["\\*", "a", false],
  ["!*.ts", "a.js", true],
  ["!*.ts", "a.ts", false],
  ["utils/", "src/utils", true],
])("%j against %j is %j", (glob, path, expected) => {
  expect(compileGlob(glob)(path)).toBe(expected);
});

test("a glob made to be slow is not", () => {
  expect(compileGlob(`${"*a".repeat(200)}b`)("a".repeat(20_000))).toBe(false);
  expect(compileGlob(`${"**/a/".repeat(200)}b`)("a/".repeat(5_000))).toBe(false);
});

test("braces that multiply without end are refused", () => {
  expect(() => compileGlob("{a,b}".repeat(20))).toThrow("more than 1000 patterns");
});

test("it agrees with ripgrep", () => {
  const folder = mkdtempSync(join(tmpdir(), "bough-glob-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const paths = ["a", "b.a", "ab/a", "ab/b/a.b", "ab/b/b", "b/ab/b/a", "b/a.b", "b/b.b/.a", ".b", "aa/aab/b.a.b"];
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "");
  }
  const part = fc.constantFrom("a", "b", ".", "*", "?", "[ab]", "{a,b}", "{a,*.b}", "/", "/**/", "**/");
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const glob = parts.join("").replace(/\/[*/]*\/+/g, "/**/");
      // Where the two differ on purpose: mixed with names `**` is an error to some and a `*` to others, and ripgrep takes `x/` for folders only.
      fc.pre(!/[^/]\*\*|\*\*[^/]|\/$|\.\/|^\/?\*\*$/.test(glob) && glob !== "/");
      const listed = spawnSync(rgPath, ["--no-config", "--files", "--hidden", "--no-ignore", `--glob=${glob}`], {
        cwd: folder,
        encoding: "utf8",
      });
      const wanted = compileGlob(glob);
      expect([glob, paths.filter((path) => wanted(path)).sort()]).toEqual([
        glob,
        listed.stdout.split("\n").filter(Boolean).sort(),
      ]);
    }),
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { PathRefused } from "./path-refused.ts";
import { worktreePath } from "./worktree-path.ts";

const roots = ["/w/a", "/home/ann/project"];

test.each([
  ["src/app.ts", "src/app.ts"],
  ["./src//lib/../app.ts", "src/app.ts"],
  [".", "."],
  ["", "."],
  ["src/", "src"],
  ["/w/a", "."],
  ["/w/a/", "."],
  ["/w/a/src/app.ts", "src/app.ts"],
  ["/home/ann/project/src/app.ts", "src/app.ts"],
  ["../a/src", "src"],
  ["..x/y", "..x/y"],
  [".gitignore", ".gitignore"],
])("%j is %j in the worktree", (given, expected) => {
  expect(worktreePath(given, roots)).toBe(expected);
});

test.each([
  ["../secret", "outside the worktree"],
  ["src/../../secret", "outside the worktree"],
  ["/etc/passwd", "outside the worktree"],
  ["/w/ab/file", "outside the worktree"],
  ["../ab/file", "outside the worktree"],
  ["/home/ann/project-2/file", "outside the worktree"],
  ["/proc/self/root/etc/passwd", "outside the worktree"],
  ["/proc/self/root/w/a/file", "outside the worktree"],
  ["~/.ssh/id_rsa", "home folder"],
  ["a\0b", "NUL"],
  [".git/config", "git's own folder"],
  ["/w/a/.git/config", "git's own folder"],
  ["/home/ann/project/.GIT/config", "git's own folder"],
  ["sub/git~1/config", "git's own folder"],
  [".git\u200c/x", "git's own folder"],
])("%j is refused because of: %s", (given, reason) => {
  expect(() => worktreePath(given, roots)).toThrow(PathRefused);
  expect(() => worktreePath(given, roots)).toThrow(reason);
});

test("whatever is given, the result stays below the root and is already in its plain form", () => {
  const component = fc.oneof(fc.constantFrom("..", ".", "", "a", "ab", ".git", "w", "/w/a", "~"), fc.string());
  fc.assert(
    fc.property(fc.array(component, { maxLength: 8 }), fc.boolean(), (components, absolute) => {
      const given = (absolute ? "/" : "") + components.join("/");
      let result: string;
      try {
        result = worktreePath(given, roots);
      } catch (error) {
        expect(error).toBeInstanceOf(PathRefused);
        return;
      }
      expect(result.split("/")).not.toContain("..");
      expect(result.startsWith("/")).toBe(false);
      expect(worktreePath(`./${result}`, roots)).toBe(result);
    }),
  );
});

import { expect, test } from "vitest";
import { nearestPath } from "./nearest-path.ts";

const files = [
  "README.md",
  "src/client.py",
  "src/server.py",
  "tests/client.test.py",
  "old/src/main.py",
  "new/src/main.py",
];

test.each([
  ["src/cleint.py", "src/client.py"],
  ["client.py", "src/client.py"],
  ["nwe/src/main.py", "new/src/main.py"],
  ["src/main.py", "old/src/main.py"],
  ["readme.md", undefined],
  ["docs/index.html", undefined],
])("%s: %s", (path, near) => {
  expect(nearestPath(path, files)).toBe(near);
});

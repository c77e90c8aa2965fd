import { expect, test } from "vitest";
import { story } from "./story.ts";

const script = [
  { text: "I begin.", calls: [{ name: "Write", input: { file_path: "main.c", content: "int main(void) {}\n" } }] },
  { text: "It begins." },
  { text: "Yes." },
];

test("before the first commit an agent starts from the files there are, and no commit is made for the user", async () => {
  await using bough = await story({ script, head: "unborn", files: { "README.md": "# A project\n" } });
  const before = await bough.repository.fingerprint();
  expect(await bough.run("-p", "Begin", "--branch", "work", "-m", bough.model)).toEqual({
    code: 0,
    stdout: "It begins.\n",
    stderr: "bough/work: 1 file changed, 1 insertion(+). Land it: bough land bough/work\n",
  });
  expect(await bough.repository.fingerprint()).toBe(before);
  expect(await bough.git("status", "--porcelain", "--branch")).toBe("## No commits yet on main\n?? README.md");
  expect(await bough.git("log", "--reverse", "--format=%an: %s", "bough/work")).toBe(
    [
      "Ada: Files on main, where a session starts",
      "anthropic/claude-sonnet-5-5 (bough): I begin",
      "anthropic/claude-sonnet-5-5 (bough): It begins",
    ].join("\n"),
  );
  expect(await bough.run("-p", "-c", "Still there?")).toMatchObject({ code: 0, stdout: "Yes.\n" });
});

test("an empty folder, just initialised, is enough; and what was done can be applied to it", async () => {
  await using bough = await story({ script, head: "unborn", files: {} });
  expect(await bough.run("-p", "--apply", "Begin")).toMatchObject({ code: 0, stdout: "It begins.\n" });
  expect(await bough.repository.read("main.c")).toBe("int main(void) {}\n");
  expect(await bough.git("status", "--porcelain", "--branch")).toBe("## No commits yet on main\n?? main.c");
});

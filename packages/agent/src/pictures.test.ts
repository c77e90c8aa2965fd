import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { scriptedModel } from "@bough/models";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Agent } from "./agent.ts";
import { Pictures } from "./pictures.ts";

const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const read = (id: string, path: string) => ({ type: "call", id, name: "Read", input: { file_path: path } }) as const;

async function pictured(files: Record<string, string | Uint8Array> = {}) {
  const repository = await temporaryRepository({ files: { "a.txt": "a\n" }, enter: true });
  for (const [path, content] of Object.entries({ "dot.png": Buffer.from(dot, "base64"), ...files })) {
    await writeFile(join(repository.path, path), content);
  }
  return repository;
}

test("a picture that was read is sent with its result, in the order of the calls, and again when resumed", async () => {
  await using repository = await pictured();
  const before = scriptedModel([{ content: [read("1", "dot.png"), read("2", "a.txt")] }, "A dot."]);
  const agent = await Agent.start({ cwd: repository.path, model: before });
  await agent.run("What is it?");
  await agent.close();
  expect(before.requests[1]?.messages.at(-1)?.content).toEqual([
    {
      type: "result",
      id: "1",
      name: "Read",
      text: "dot.png is a picture: image/png, 1 × 1 pixels, 70 bytes.",
      image: { mediaType: "image/png", data: dot },
      isError: false,
    },
    { type: "result", id: "2", name: "Read", text: "     1\ta", isError: false },
  ]);

  const after = scriptedModel(["Still a dot."]);
  await using again = await Agent.resume({ cwd: repository.path, model: after });
  await again.run("Sure?");
  expect(JSON.stringify(after.requests[0]?.messages.slice(0, 3))).toBe(JSON.stringify(before.requests[1]?.messages));
});

test("the record names the blob of the file that the commit holds", async () => {
  await using repository = await pictured();
  const model = scriptedModel([{ content: [read("1", "dot.png")] }, "A dot."]);
  await using agent = await Agent.start({ cwd: repository.path, model });
  const { commit } = await agent.run("What is it?");
  const git = (...args: string[]) => execFileSync("git", args, { cwd: repository.path, encoding: "utf8" }).trim();
  const blob = git("rev-parse", `${commit}:dot.png`);
  expect(git("log", "-1", "--format=%B", commit)).toContain(
    `result Read 1 +{"image":{"type":"image/png","blob":"${blob}"}}`,
  );
});

const id = "0".repeat(40);
const named = (image: unknown) => ({ type: "result", id: "1", name: "Read", text: "It.", extra: { image } }) as const;

async function shown(image: unknown, bytes: Uint8Array | undefined) {
  const asked: string[] = [];
  const readBytes = async (blob: string) => {
    asked.push(blob);
    return bytes;
  };
  const pictures = new Pictures({ keepBytes: async () => id, readBytes });
  await pictures.load([{ step: 1, turn: 1, blocks: [named(image)] }]);
  return { asked, ...pictures.shown(named(image)) };
}

test("what a record names is sent only when it is a picture that git has", async () => {
  const picture = { type: "image/gif", blob: id };
  expect(await shown(picture, Buffer.from(dot, "base64"))).toEqual({
    asked: [id],
    text: "It.",
    image: { mediaType: "image/png", data: dot },
  });
  const without = { asked: [id], text: "It.\n(The picture is not shown again.)" };
  expect(await shown(picture, undefined)).toEqual(without);
  expect(await shown(picture, Buffer.from("SECRET=1"))).toEqual(without);
  expect(await shown({ blob: 5 }, undefined)).toEqual({ asked: [], text: "It." });
});

import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Repository } from "./repository.ts";
import { startSession } from "./start-session.ts";

test("bytes that were put into git are read back, up to a size", async () => {
  await using repository = await temporaryRepository({ enter: true });
  const opened = await Repository.open(repository.path);
  await using session = await startSession(opened, { name: "fix", config: { text: "", extra: {} } });
  const bytes = Buffer.from([0, 255, 10, 13]);
  const id = await session.keepBytes(bytes);
  expect(await session.readBytes(id, 4)).toEqual(bytes);
  expect(await session.readBytes(id, 3)).toBeUndefined();
});

test("an id that is none, of nothing or of no file reads as nothing", async () => {
  await using repository = await temporaryRepository({ enter: true });
  const opened = await Repository.open(repository.path);
  await using session = await startSession(opened, { name: "fix", config: { text: "", extra: {} } });
  const ids = ["HEAD", "--batch", `${session.tip}\n${session.tip}`, "0".repeat(40), session.tip];
  for (const id of ids) expect(await session.readBytes(id, 1_000)).toBeUndefined();
});

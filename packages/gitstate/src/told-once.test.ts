import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { Repository } from "./repository.ts";
import { resumeSession } from "./resume-session.ts";
import { startSession } from "./start-session.ts";

test("what stays out is told once, also when the session is resumed", async () => {
  await using repository = await temporaryRepository({ enter: true });
  await repository.write({ ".env": "KEY=1\n", ".worktreeinclude": ".env\n" });
  const opened = await Repository.open(repository.path);
  const session = await startSession(opened, { name: "fix", config: { text: "", extra: {} } });
  expect(await session.newlyLeftOut()).toEqual([
    { path: ".env", reason: "looks like a credential", includeLine: "/.env" },
  ]);
  await session.commitByHand();
  expect(await session.newlyLeftOut()).toEqual([]);
  await session.close();
  await using again = await resumeSession(opened, "fix");
  await again.commitByHand();
  expect(again.leftOut).toEqual([{ path: ".env", reason: "looks like a credential" }]);
  expect(await again.newlyLeftOut()).toEqual([]);
});

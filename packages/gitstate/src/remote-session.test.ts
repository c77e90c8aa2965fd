import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { listRemoteSessions } from "./remote-session.ts";
import { Repository } from "./repository.ts";

test("sessions of other clones are listed by their remote, and what only looks like one is not", async () => {
  await using user = await temporaryRepository({ enter: true, files: { "a.txt": "a\n" } });
  const repository = await Repository.open(user.path);
  expect(await listRemoteSessions(repository)).toEqual([]);
  for (const ref of ["origin/bough/fix", "origin/main", "ada/bough/fix.1", "origin/bough/Not-One", "bough/main"]) {
    await user.git("update-ref", `refs/remotes/${ref}`, "HEAD");
  }
  expect(await listRemoteSessions(repository)).toEqual(["ada/bough/fix.1", "origin/bough/fix"]);
});

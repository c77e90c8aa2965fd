import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryRepository } from "@bough/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Repository } from "./repository.ts";
import { startSession } from "./start-session.ts";
import type { Block } from "./step-record.ts";

/** How many histories are tried; thousands take minutes. */
const RUNS = Number(process.env["BOUGH_PROPERTY_RUNS"] ?? 10);

const author = { name: "m (bough)", email: "bough@localhost" };

/** What a session is as a person knows it: files, and what was said or done beside it. */
interface Moment {
  readonly files: Readonly<Record<string, string>>;
  readonly said: readonly string[];
}

const file = fc.constantFrom("a.txt", "b.txt", "c.txt");

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("edit" as const), file }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("say" as const),
      what: fc.constantFrom("user" as const, "summary" as const, "config" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("hand" as const), file, isCommitted: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("rewind" as const),
      to: fc.nat(1000),
      only: fc.constantFrom(undefined, "files" as const, "chat" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("undo" as const) }) },
);

test("whatever was done, a rewind brings back the files and the conversation of its moment", {
  timeout: 3_600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 14 }), async (operations) => {
      await using user = await temporaryRepository({ files: {}, enter: true });
      const repository = await Repository.open(user.path);
      await using session = await startSession(repository, { name: "fix", config: { text: "", extra: {} } });
      await session.ready;
      const look = async (): Promise<Moment> => {
        const { entries } = await session.conversation();
        const names = readdirSync(session.worktree).filter((name) => name !== ".git");
        return {
          files: Object.fromEntries(names.map((name) => [name, readFileSync(join(session.worktree, name), "utf8")])),
          said: entries.flatMap((entry) =>
            entry.type === "outside"
              ? [entry.subject]
              : entry.blocks.flatMap(({ type, text }) => (type === "rewind" ? [] : [text])),
          ),
        };
      };
      let now = await look();
      const moments = new Map<string, Moment>([[session.tip, now]]);
      let before: string | undefined;
      const step = async (block: Block) => {
        const record = { step: session.lastStep + 1, turn: 1, blocks: [block] };
        await session.commit(record, { subject: "Step", author, changes: "scan", always: true });
        now = { ...now, said: [...now.said, block.text] };
        moments.set(session.tip, now);
      };
      const byHand = async () => {
        const made = await session.commitByHand();
        if (made === undefined) return;
        now = { ...now, said: [...now.said, made.subject] };
        moments.set(made.commit, now);
      };
      const write = (name: string, text: string) => {
        writeFileSync(join(session.worktree, name), text);
        now = { ...now, files: { ...now.files, [name]: text } };
      };
      for (const [i, op] of operations.entries()) {
        if (op.type === "hand") {
          write(op.file, `by hand ${i}\n`);
          if (op.isCommitted) await byHand();
        } else if (op.type === "edit") {
          await byHand();
          write(op.file, `edit ${i}\n`);
          await step({ type: "assistant", text: `edit ${i}` });
        } else if (op.type === "say") {
          await byHand();
          await step({ type: op.what, text: op.what === "summary" ? "" : `${op.what} ${i}` });
        } else {
          await byHand();
          const all = [...moments.keys()];
          const target = op.type === "undo" ? before : all[op.to % all.length];
          const then = target === undefined ? undefined : moments.get(target);
          if (target === undefined || then === undefined) continue;
          const only = op.type === "undo" ? undefined : op.only;
          const result = await session.rewind({ after: target, only });
          if (result.type !== "rewound") continue;
          before = result.before;
          if (!moments.has(before)) moments.set(before, now);
          const { said } = await look();
          if (only === "files") expect(said.slice(0, -1)).toEqual(now.said);
          now = { files: only === "chat" ? now.files : then.files, said: only === "files" ? said : then.said };
          moments.set(session.tip, now);
        }
        expect(await look()).toEqual(now);
      }
    }),
    { numRuns: RUNS },
  );
});

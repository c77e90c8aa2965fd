// What it costs to read a long conversation back, beside a `git log` of the same messages.
import { listSessions, readLog, resumeSession } from "../../packages/gitstate/src/index.ts";
import { besideGit, type ComparedRow, printBesideGit } from "./beside-git.ts";
import type { Side } from "./interleave.ts";
import { commitTurn, openThrowaway, startReady } from "./sessions.ts";
import { throwawayRepository } from "./throwaway.ts";

const STEPS = 1000;
const ROUNDS = 11;
const FILES = 100;

using throwaway = throwawayRepository(FILES);
const repository = await openThrowaway(throwaway);
const session = await startReady(repository, "long");
// About 2 KB of lines that no compression takes for one.
const said = (step: number) => Array.from({ length: 32 }, (_, i) => `${step}.${i}: ${Math.random()} ${Math.random()}`);
for (let step = 1; step <= STEPS; step++) {
  await commitTurn(session, { path: `${step % 10}.txt`, content: `${step}\n`, said: said(step).join("\n") });
}
await session.close();

const rows: ComparedRow[] = [];
const command = "git log --format=%B";
const baseline = { run: () => throwaway.git("log", "--format=%B", "main..bough/long") };
for (const storage of ["loose", "packed"]) {
  if (storage === "packed") throwaway.git("gc", "--quiet");
  let resumed: Awaited<ReturnType<typeof resumeSession>> | undefined;
  const close = async () => {
    await resumed?.ready;
    await resumed?.close();
  };
  const resume = async () => {
    resumed = await resumeSession(repository, "long");
    const { entries } = await resumed.conversation();
    if (entries.length !== STEPS + 1) throw new Error(`The conversation has ${entries.length} entries.`);
  };
  const compare = (what: string, ours: Side) =>
    besideGit({ what: `${what}, ${storage}`, files: FILES, command, ours, baseline }, ROUNDS);
  rows.push(
    await compare("conversation", {
      before: async () => {
        resumed = await resumeSession(repository, "long");
        await resumed.ready;
      },
      run: () => resumed?.conversation(),
      after: close,
    }),
    await compare("resume and conversation", { run: resume, after: close }),
    await compare("log", { run: () => readLog(repository) }),
    await compare("sessions", { run: () => listSessions(repository) }),
  );
}
printBesideGit(`Conversation of ${STEPS} steps of 2 KB, ${ROUNDS} runs (aim: 150 ms)`, rows);

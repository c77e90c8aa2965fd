import { randomBytes } from "node:crypto";

/** A session and the points at which its ancestors were left, oldest first: `S.7-1.12-2` left S after step 7. */
const SESSION = /^[0-9a-z]{10,40}(?:\.\d{1,15}-\d{1,9})*$/;
const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

/** Makes the id of a session that continues no other: it sorts by time and never repeats (a ULID in lower case). */
export function newSessionId(now: number = Date.now()): string {
  let time = "";
  for (let rest = now; time.length < 10; rest = Math.floor(rest / 32)) time = CROCKFORD.charAt(rest % 32) + time;
  return time + Array.from(randomBytes(16), (byte) => CROCKFORD.charAt(byte % 32)).join("");
}

/** Names the nth fork of a session after a step. */
export function forkId(session: string, step: number, n: number): string {
  return `${session}.${step}-${n}`;
}

/** Whether the text has the form of a session's id. */
export function isSessionId(text: string): boolean {
  return SESSION.test(text);
}

/** Whether a record belongs to the session: its own, or an ancestor's up to the point where the session left it. */
export function isOurs(session: string, record: { readonly session: string; readonly step: number }): boolean {
  if (record.session === session) return true;
  if (!session.startsWith(`${record.session}.`)) return false;
  const leftAfter = Number.parseInt(session.slice(record.session.length + 1), 10);
  return record.step <= leftAfter;
}

/** The session at the head of a lineage, which holds the first step. */
export function rootSession(session: string): string {
  return session.split(".", 1)[0] ?? session;
}

/** The session that one was forked from; of one that continues no other, itself. */
export function parentSession(session: string): string {
  const end = session.lastIndexOf(".");
  return end === -1 ? session : session.slice(0, end);
}

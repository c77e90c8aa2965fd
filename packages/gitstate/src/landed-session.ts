/** What a commit that landed a session says of it. */
export interface LandedSession {
  readonly session: string | undefined;
  /** The session's tip then; several when such commits were squashed into one. */
  readonly tips: readonly string[];
}

/** Reads the trailers of a commit that landed a session; undefined when it did not. */
export function landedSession(message: string): LandedSession | undefined {
  const tips = [...message.matchAll(/^Agent-Tip: ([0-9a-f]{40}|[0-9a-f]{64})$/gm)].flatMap(([, tip]) => tip ?? []);
  if (tips.length === 0) return undefined;
  return { session: /^Agent-Session: (\S+)$/m.exec(message)?.[1], tips: [...new Set(tips)] };
}

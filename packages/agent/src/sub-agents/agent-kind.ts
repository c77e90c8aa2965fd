import type { AgentKind } from "../agent-kinds/load-agent-kinds.ts";

/** A kind of sub-agent, whether a file defines it or a program. */
export type SubAgentKind = Omit<AgentKind, "file" | "isRepository">;

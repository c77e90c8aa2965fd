import { agentTool } from "../sub-agents/agent-tool.ts";
import { mergeTool } from "../sub-agents/merge-tool.ts";
import type { Tool } from "../tool.ts";
import { askUserQuestionTool } from "./ask-user-question.ts";
import { bashTool } from "./bash.ts";
import { editTool } from "./edit.ts";
import { findTool } from "./find.ts";
import { grepTool } from "./grep.ts";
import { jobsTool } from "./jobs.ts";
import { lsTool } from "./ls.ts";
import { readTool } from "./read.ts";
import { recallTool } from "./recall.ts";
import { skillTool } from "./skill.ts";
import { writeTool } from "./write.ts";

/** The tools that come with bough, in the order in which models are told of them. */
export const builtinTools: readonly Tool[] = [
  readTool,
  writeTool,
  editTool,
  bashTool,
  jobsTool,
  grepTool,
  findTool,
  lsTool,
  agentTool,
  mergeTool,
  skillTool,
  recallTool,
  askUserQuestionTool,
];

import type { ToolDefinition } from "@bough/models";
import * as z from "zod";
import type { Tool } from "./tool.ts";

/** Describes tools to a model, their inputs as JSON Schema. */
export function toolDefinitions(tools: readonly Tool[]): ToolDefinition[] {
  return tools.map(({ name, description, input }) => {
    const { $schema: _, ...inputSchema } = z.toJSONSchema(input, { io: "input", unrepresentable: "any" });
    return { name, description, inputSchema };
  });
}

import type { ToolDefinition } from "@bough/models";
import * as z from "zod";
import type { Tool } from "./tool.ts";

/** Every request describes the same tools, and a schema takes longer to write than the rest of it. */
const described = new WeakMap<Tool, ToolDefinition>();

/** Describes tools to a model, their inputs as JSON Schema. */
export function toolDefinitions(tools: readonly Tool[]): ToolDefinition[] {
  return tools.map((tool) => {
    const known = described.get(tool);
    if (known !== undefined) return known;
    const definition = describe(tool);
    described.set(tool, definition);
    return definition;
  });
}

function describe({ name, description, input }: Tool): ToolDefinition {
  const { $schema: _, ...inputSchema } = z.toJSONSchema(input, { io: "input", unrepresentable: "any" });
  return { name, description, inputSchema };
}

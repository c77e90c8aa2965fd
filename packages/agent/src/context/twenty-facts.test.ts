import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { type SurvivalOptions, survivalOf } from "./twenty-facts.ts";

const tiers: Record<string, Pick<SurvivalOptions, "context" | "summarizer">> = {
  "all is sent": { context: { window: 1_000_000 }, summarizer: "notes nothing" },
  shortened: { context: { window: 110_000, summarizeAt: 1 }, summarizer: "notes nothing" },
  "summarized by a model that notes all": { context: { window: 30_000 }, summarizer: "notes all it is shown" },
  "summarized by a model that notes nothing": { context: { window: 30_000 }, summarizer: "notes nothing" },
};

test("of twenty facts, what each tier leaves in the request, and what Recall brings back", async () => {
  const counted: Record<string, unknown> = {};
  for (const [tier, options] of Object.entries(tiers)) {
    await using repository = await temporaryRepository({ files: { "a.txt": "a\n" }, enter: true });
    counted[tier] = await survivalOf({ ...options, cwd: repository.path, branch: "docks", steps: 64 });
  }
  expect(counted).toMatchInlineSnapshot(`
    {
      "all is sent": {
        "sent": 20,
        "summaries": 0,
        "withRecall": 20,
      },
      "shortened": {
        "sent": 12,
        "summaries": 0,
        "withRecall": 20,
      },
      "summarized by a model that notes all": {
        "sent": 12,
        "summaries": 1,
        "withRecall": 20,
      },
      "summarized by a model that notes nothing": {
        "sent": 4,
        "summaries": 1,
        "withRecall": 20,
      },
    }
  `);
}, 120_000);

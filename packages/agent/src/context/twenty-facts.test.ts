import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { survivalOf, tiers } from "./twenty-facts.ts";

test("of twenty facts, what each tier leaves in the request, and what Recall brings back", async () => {
  const counted: Record<string, unknown> = {};
  for (const [tier, options] of Object.entries(tiers)) {
    await using repository = await temporaryRepository({ files: { "a.txt": "a\n" }, enter: true });
    counted[tier] = await survivalOf({ ...options, cwd: repository.path, branch: "docks" });
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

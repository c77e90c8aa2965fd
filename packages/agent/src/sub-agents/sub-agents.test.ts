import { expect, test } from "vitest";
import { agentCall, Cast, meeting, writeCall } from "./cast-fixture.ts";

const files = { "a.txt": "a\n", "b.txt": "b\n" };

test("two that are called together work at once, and are merged in the order of the calls", async () => {
  const bothWork = meeting(2);
  const work = (path: string) => [
    async () => {
      await bothWork();
      return { text: `I write ${path}.`, calls: [writeCall(path, "new\n")] };
    },
    { text: `${path} is written.` },
  ];
  await using cast = await Cast.of(
    {
      "Do both": [
        { text: "I let both be done.", calls: [agentCall("Do A"), agentCall("Do B")] },
        { text: "Both are done." },
      ],
      "Do A": work("one.txt"),
      "Do B": work("two.txt"),
    },
    files,
  );
  await using agent = await cast.start();
  expect(await agent.run("Do both", cast)).toMatchObject({ stop: "done", text: "Both are done." });

  expect(cast.toldTo("Do both")).toEqual([
    "one.txt is written.\n\n[bough/lead.1 was merged. Files it changed here: one.txt.]",
    "two.txt is written.\n\n[bough/lead.2 was merged. Files it changed here: two.txt.]",
  ]);
  expect(`\n${await cast.repository.graph()}`).toMatchInlineSnapshot(`
    "
    * Both are done (bough/lead)
    * Answers of bough/lead.1 and bough/lead.2
    *   Merge bough/lead.2 into bough/lead
    |\\  
    | * two.txt is written (bough/lead.2)
    | * I write two.txt
    * |   Merge bough/lead.1 into bough/lead
    |\\ \\  
    | |/  
    |/|   
    | * one.txt is written (bough/lead.1)
    | * I write one.txt
    |/  
    * I let both be done
    * First commit (main)"
  `);
  expect(await cast.repository.git("log", "--first-parent", "--format=%an: %s", "bough/lead")).toMatchInlineSnapshot(`
    "anthropic/claude (bough): Both are done
    anthropic/claude (bough): Answers of bough/lead.1 and bough/lead.2
    Ada: Merge bough/lead.2 into bough/lead
    Ada: Merge bough/lead.1 into bough/lead
    anthropic/claude (bough): I let both be done
    Ada: First commit"
  `);
  expect(await cast.repository.git("status", "--short")).toBe("");
  cast.expectAllTaken();
});

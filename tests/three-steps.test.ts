import { expect, test } from "vitest";
import { providerNames, story } from "./story.ts";

const script = [
  {
    thinking: "What is in it?",
    text: "I read the poem first.",
    calls: [{ name: "Read", input: { file_path: "poem.txt" } }],
    usage: { input: 900, output: 40 },
  },
  {
    text: "Now the second line.",
    calls: [
      { name: "Edit", input: { file_path: "poem.txt", old_string: "red\n", new_string: "red\nviolets are blue\n" } },
    ],
    usage: { input: 1000, output: 60, cacheRead: 800 },
  },
  {
    text: "I write a title page.",
    calls: [{ name: "Write", input: { file_path: "title.txt", content: "A poem\n" } }],
    usage: { input: 1100, output: 50, cacheRead: 900 },
  },
  { text: "Done. The poem has two lines and a title.", usage: { input: 1200, output: 20, cacheRead: 1000 } },
];
const files = { "poem.txt": "roses are red\n" };

test.each(providerNames)("a turn of three steps with %s", async (provider) => {
  await using bough = await story({ provider, script, files });
  const { code, stdout, stderr } = await bough.run("-p", "Finish the poem", "-m", bough.model);

  expect({ code, stdout }).toEqual({ code: 0, stdout: "Done. The poem has two lines and a title.\n" });
  expect(stderr).toMatch(
    /^bough\/finish-poem: 2 files changed, 2 insertions\(\+\)(, for \$[\d.]+)?\. Land it: bough land bough\/finish-poem\n$/,
  );
  expect(bough.server.requests.map(({ refused }) => refused)).toEqual([undefined, undefined, undefined, undefined]);

  const log = await bough.git("log", "--reverse", "--name-status", "--format=%n%an: %s", "main..bough/finish-poem");
  expect(log.replaceAll(bough.model, "MODEL").trim()).toBe(
    [
      "MODEL (bough): Now the second line\n\nM\tpoem.txt\n",
      "MODEL (bough): I write a title page\n\nA\ttitle.txt\n",
      "MODEL (bough): The poem has two lines and a title",
    ].join("\n"),
  );
  expect(await bough.git("show", "bough/finish-poem:poem.txt")).toBe("roses are red\nviolets are blue");
  expect(await bough.git("branch", "--list", "bough/*", "--format=%(refname:short)")).toBe("bough/finish-poem");
});

test("plain git log tells what was said and done", async () => {
  await using bough = await story({ script, files });
  await bough.run("-p", "Finish the poem");
  const range = "main..bough/finish-poem";
  expect(await bough.git("log", "--graph", "--stat", "--format=%s", range)).toMatchInlineSnapshot(`
    "* The poem has two lines and a title
    * I write a title page
    | 
    |  title.txt | 1 +
    |  1 file changed, 1 insertion(+)
    * Now the second line
      
       poem.txt | 1 +
       1 file changed, 1 insertion(+)"
  `);

  const session = (
    await bough.git("log", "-1", "--format=%(trailers:key=Agent-Session,valueonly)", "bough/finish-poem")
  ).trim();
  const trailers = await bough.git("log", "--reverse", "--format=%(trailers:only)", range);
  expect(trailers.replaceAll(session, "SESSION").trim()).toMatchInlineSnapshot(`
    "Agent-Session: SESSION
    Agent-Turn: 1
    Agent-Step: 2
    Agent-Model: anthropic/claude-sonnet-5-5
    Agent-Usage: input=1900 output=100 cache-read=800 cost=0.00488
    Agent-Format: 1

    Agent-Session: SESSION
    Agent-Turn: 1
    Agent-Step: 3
    Agent-Model: anthropic/claude-sonnet-5-5
    Agent-Usage: input=1100 output=50 cache-read=900 cost=0.00279
    Agent-Format: 1

    Agent-Session: SESSION
    Agent-Turn: 1
    Agent-Step: 4
    Agent-Model: anthropic/claude-sonnet-5-5
    Agent-Usage: input=1200 output=20 cache-read=1000 cost=0.0027
    Agent-Format: 1"
  `);

  const transcript = await bough.git("log", "-1", "--format=%b", "bough/finish-poem~2");
  const said = transcript
    .slice(transcript.indexOf("\nuser\n"), transcript.indexOf("\nAgent-Session"))
    .replaceAll(/^(call|result) (\w+) \S+/gm, "$1 $2 ID");
  expect(said.replaceAll(/\+\{.*\}/g, "+{…}").trim()).toMatchInlineSnapshot(`
    "user
        Finish the poem

    thinking +{…}
        What is in it?

    assistant
        I read the poem first.

    call Read ID
        {"file_path":"poem.txt"}

    result Read ID
             1	roses are red

    step 2 turn 1 +{…}

    assistant
        Now the second line.

    call Edit ID
        {"file_path":"poem.txt","old_string":"red\\n","new_string":"red\\nviolets are blue\\n"}

    result Edit ID
        Edited poem.txt.
        @@ -1,1 +1,2 @@
         roses are red
        +violets are blue"
  `);
});

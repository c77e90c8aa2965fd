import { expect, test, vi } from "vitest";
import { Agent } from "../agent.ts";
import { agentCall, Cast, meeting, type Part, writeCall } from "./cast-fixture.ts";

// Each is several agents with a repository, one after the other and at once.
vi.setConfig({ testTimeout: 30_000 });

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

/** Two that write the same new file otherwise; what the one who called them does then is given. */
function conflicting(...afterwards: Part): Promise<Cast> {
  const works = (text: string): Part => [
    { calls: [writeCall("c.txt", text), writeCall(`${text.trim()}.txt`, text)] },
    { text },
  ];
  return Cast.of(
    {
      "Do both": [{ calls: [agentCall("Do A"), agentCall("Do B")] }, ...afterwards, { text: "So be it." }],
      "Do A": works("from A\n"),
      "Do B": works("from B\n"),
    },
    files,
  );
}

test("a conflict comes back as data: nothing of it is merged, the branch is kept, and how to go on is said", async () => {
  await using cast = await conflicting();
  await using agent = await cast.start();
  await agent.run("Do both", cast);
  expect(cast.toldTo("Do both")[1]).toMatchInlineSnapshot(`
    "from B

    [bough/lead.2 conflicts with your branch, so nothing of it was merged; it is kept as it is. They do not go together in:
    - c.txt: both added it
    To go on, either take a side in these files by Merge {"branch": "bough/lead.2", "take": "theirs"} or "ours"; or write them as they should be (git show bough/lead.2:c.txt shows its version) and then take "ours"; or give an Agent the task to do that.]"
  `);
  expect(await cast.repository.git("ls-tree", "--name-only", "bough/lead")).toBe("a.txt\nb.txt\nc.txt\nfrom A.txt");
  expect(await cast.repository.git("show", "bough/lead.2:c.txt")).toBe("from B");
  expect(cast.events.filter(({ type }) => type === "agent-end")).toMatchObject([
    { branch: "bough/lead", child: "bough/lead.1", stop: "done", outcome: "merged" },
    { branch: "bough/lead", child: "bough/lead.2", stop: "done", outcome: "conflict" },
  ]);
  cast.expectAllTaken();
});

test.each([
  ["takes its side", [], "theirs", "from B"],
  ["takes its own", [], "ours", "from A"],
  [
    "writes the file",
    [{ name: "Edit", input: { file_path: "c.txt", old_string: "from A", new_string: "from A and B" } }],
    "ours",
    "from A and B",
  ],
])("a parent that %s has mended a conflict", async (_, before, take, content) => {
  const merge = { name: "Merge", input: { branch: "bough/lead.2", take } };
  const read = { calls: [{ name: "Read", input: { file_path: "c.txt" } }] };
  await using cast = await conflicting(...(before.length === 0 ? [] : [read]), { calls: [...before, merge] });
  await using agent = await cast.start();
  await agent.run("Do both", cast);
  expect(cast.toldTo("Do both").at(-1)).toContain("bough/lead.2 was merged. Files it changed here: ");
  expect(await cast.repository.git("show", "bough/lead:c.txt")).toBe(content);
  expect(await cast.repository.git("show", "bough/lead:from B.txt")).toBe("from B");
  expect(await cast.repository.git("branch", "--no-merged", "bough/lead", "--list", "bough/*")).toBe("");
  cast.expectAllTaken();
});

test("a child that is sent to mend a conflict merges the branch itself, and is merged", async () => {
  const mend = agentCall("Bring bough/lead.2 in");
  await using cast = await Cast.of(
    {
      "Do both": [{ calls: [agentCall("Do A"), agentCall("Do B")] }, { calls: [mend] }, { text: "So be it." }],
      "Do A": [{ calls: [writeCall("c.txt", "from A\n")] }, { text: "A." }],
      "Do B": [{ calls: [writeCall("c.txt", "from B\n")] }, { text: "B." }],
      "Bring bough/lead.2 in": [
        { calls: [{ name: "Merge", input: { branch: "bough/lead.2", take: "theirs" } }] },
        { text: "It is in." },
      ],
    },
    files,
  );
  await using agent = await cast.start();
  await agent.run("Do both", cast);
  expect(cast.toldTo("Do both")).toEqual(["It is in.\n\n[bough/lead.3 was merged. Files it changed here: c.txt.]"]);
  expect(await cast.repository.git("show", "bough/lead:c.txt")).toBe("from B");
  expect(`\n${await cast.repository.graph()}`).toMatchInlineSnapshot(`
    "
    * So be it (bough/lead)
    * Answer of bough/lead.3
    *   Merge bough/lead.3 into bough/lead
    |\\  
    | * It is in (bough/lead.3)
    | * Answer of bough/lead.2
    | *   Merge bough/lead.2 into bough/lead.3
    | |\\  
    | | * B (bough/lead.2)
    | | * Write c.txt
    | * | Merge bough/lead.2
    |/ /  
    * | Agent Bring bough/lead.2 in
    * | Answers of bough/lead.1 and bough/lead.2
    * |   Merge bough/lead.1 into bough/lead
    |\\ \\  
    | |/  
    |/|   
    | * A (bough/lead.1)
    | * Write c.txt
    |/  
    * Agent Do A, Do B
    * First commit (main)"
  `);
  cast.expectAllTaken();
});

test("ordinary calls of the reply come first, and the children begin with what they changed", async () => {
  await using cast = await Cast.of(
    {
      Begin: [
        {
          text: "I begin.",
          calls: [agentCall("Look"), writeCall("new.txt", "from the parent\n"), agentCall("Look too")],
        },
        { text: "Seen." },
      ],
      Look: [{ calls: [{ name: "Read", input: { file_path: "new.txt" } }] }, { text: "I saw it." }],
      "Look too": [{ calls: [{ name: "Read", input: { file_path: "new.txt" } }] }, { text: "So did I." }],
    },
    files,
  );
  await using agent = await cast.start();
  await agent.run("Begin", cast);
  for (const task of ["Look", "Look too"]) expect(cast.toldTo(task)[0]).toContain("from the parent");
  const results = cast.sentTo("Begin").at(-1)?.messages.at(-1)?.results ?? [];
  expect(results.map(({ text }) => text.split("\n", 1)[0])).toEqual([
    "I saw it.",
    expect.stringContaining("new.txt"),
    "So did I.",
  ]);
  cast.expectAllTaken();
});

test("what a child is sent is its task, not the conversation of its parent, which git has below it", async () => {
  await using cast = await Cast.of(
    {
      Begin: [{ text: "I think of a secret plan.", calls: [agentCall("Do it")] }, { text: "Done." }],
      "Do it": [{ text: "It is done." }],
    },
    files,
  );
  await using agent = await cast.start({ system: "You are careful." });
  await agent.run("Begin", cast);
  const [request] = cast.sentTo("Do it");
  expect(request?.messages).toEqual([{ role: "user", text: "Do it" }]);
  expect(request?.system).toMatch(/^You are careful\.\n\nYou are a sub-agent: /);
  const log = await cast.repository.git("log", "--first-parent", "--format=%B", "bough/lead.1");
  expect(log).toContain("I think of a secret plan.");
  // Resumed, it is an agent like any other.
  await using child = await Agent.resume({ cwd: cast.repository.path, rev: "bough/lead.1", model: cast.model });
  expect(await child.run("And now?")).toMatchObject({ stop: "done" });
  expect(cast.server.requests.at(-1)?.messages).toEqual([
    { role: "user", text: "Do it" },
    { role: "assistant", text: "It is done." },
    { role: "user", text: "And now?" },
  ]);
});

import type { Pane } from "../../tests/pane.ts";
import type { StoryOptions } from "../../tests/story.ts";

type Script = NonNullable<StoryOptions["script"]>;
type Answers = Extract<Script, readonly unknown[]>;

/** What a picture shows: a project, what the model answers, and what a person does before it is taken. */
export interface Scene {
  readonly name: string;
  /** What is seen, for those who do not see it. */
  readonly title: string;
  readonly rows: number;
  readonly columns: number;
  readonly files: Readonly<Record<string, string>>;
  readonly script: Script;
  play(pane: Pane): Promise<void>;
}

const client = `import requests

BASE = "https://api.example.com"


def fetch(path):
    response = requests.get(BASE + path)
    response.raise_for_status()
    return response.json()


def forecast(city):
    return fetch(f"/forecast/{city}")["days"]
`;

const files = {
  "weather/client.py": client,
  "weather/__init__.py": "",
  "README.md": "# Weather\n\nForecasts from the command line.\n",
};

const edit = (path: string, before: string, after: string) => ({
  name: "Edit",
  input: { file_path: path, old_string: before, new_string: after },
});

const useHttpx = edit(
  "weather/client.py",
  `import requests

BASE = "https://api.example.com"


def fetch(path):
    response = requests.get(BASE + path)`,
  `import httpx

client = httpx.Client(base_url="https://api.example.com", timeout=10)


def fetch(path):
    response = client.get(path)`,
);

const tests = {
  name: "Write",
  input: {
    file_path: "tests/test_client.py",
    content: `import httpx
import pytest

from weather import client


def test_a_city_that_is_unknown_raises(respx_mock):
    respx_mock.get("/forecast/atlantis").respond(404)
    with pytest.raises(httpx.HTTPStatusError):
        client.forecast("atlantis")
`,
  },
};

const usage = { input: 6200, output: 420, cacheRead: 5100 };

const rewrite: Answers = [
  {
    text: "I'll look at how requests are made first.",
    calls: [{ name: "Read", input: { file_path: "weather/client.py" } }],
    usage,
  },
  {
    text: "One client for all requests keeps connections open, and gives every request a time limit.",
    calls: [useHttpx],
    usage,
  },
  { calls: [tests], usage },
  {
    text: `Requests go through **one \`httpx.Client\`** now:

- connections are kept, so a second forecast takes *half the time*
- every request has a time limit of 10 s; \`requests\` had none
- an unknown city still raises, and a test says so

\`\`\`python
client = httpx.Client(base_url="https://api.example.com", timeout=10)
\`\`\``,
    usage,
  },
];

/** Plays an agent that gives its work to three others, and these: one that is done, and two that are at it. */
const parts: Script = ({ messages }) => {
  const asked = messages[0]?.text ?? "";
  const isFirst = messages.length === 1;
  const task = (text: string) => ({ name: "Agent", input: { task: text } });
  const page = (path: string, content: string) => ({ name: "Write", input: { file_path: path, content } });
  if (asked.startsWith("Write tests")) {
    return isFirst
      ? { calls: [tests], usage }
      : { text: "An unknown city raises, and so does a request that times out.", usage };
  }
  if (asked.startsWith("Write the page")) {
    return isFirst
      ? { text: "One page, with an example.", calls: [page("docs/usage.md", "# Usage\n\n    weather Berlin\n")], usage }
      : { stall: true, text: "The page stands; now I try out what its example says." };
  }
  if (asked.startsWith("Find")) {
    return isFirst
      ? { calls: [{ name: "Grep", input: { pattern: "requests" } }], usage }
      : { stall: true, text: "It is named in one place." };
  }
  return {
    text: "Three parts that touch different files, so three agents:",
    calls: [
      task("Write tests for weather/client.py: an unknown city, and a time limit."),
      task("Write the page docs/usage.md: how the program is used, with an example that works."),
      task("Find every place that names the old client, and change it."),
    ],
    usage,
  };
};

/** Types a prompt or a command, and waits until what it comes to is there. */
async function say(pane: Pane, text: string, until: string): Promise<void> {
  await pane.type(text);
  await pane.until(text.slice(0, 40));
  await pane.press("Enter");
  await pane.until((shown) => shown.includes(until) && !shown.includes("at work"));
}

async function begin(pane: Pane): Promise<void> {
  await pane.command("clear; bough");
  await pane.until("What is to be done?");
}

/** All that is shown in the README. */
export const scenes: readonly Scene[] = [
  {
    name: "turn",
    title: "A turn: the prompt, what the model says and does, its edits as diffs, and the commits they are",
    rows: 42,
    columns: 96,
    files,
    script: rewrite,
    async play(pane) {
      await begin(pane);
      await say(pane, "use httpx", "a test says so");
    },
  },
  {
    name: "tree",
    title: "The branches of a session as a tree: turns, forks, a merge and a landing",
    rows: 19,
    columns: 96,
    files,
    script: [
      ...rewrite,
      { calls: [edit("weather/client.py", "def fetch(path):", "async def fetch(path):")], usage },
      { text: "Everything awaits now.", usage },
      {
        calls: [{ name: "Write", input: { file_path: "weather/retry.py", content: "TRIES = 3\nWAIT = 0.5\n" } }],
        usage,
      },
      { text: "Three tries, half a second apart.", usage },
      { calls: [edit("weather/retry.py", "TRIES = 3", "TRIES = 5")], usage },
      { text: "Five tries.", usage },
      {
        calls: [{ name: "Write", input: { file_path: "docs/usage.md", content: "# Usage\n\n    weather Berlin\n" } }],
        usage,
      },
      { text: "Written down.", usage },
      { text: "It is at the top of the README now.", usage },
    ],
    async play(pane) {
      await begin(pane);
      await say(pane, "use httpx", "a test says so");
      await say(pane, "/branch try it with asyncio", "Everything awaits now.");
      await pane.press("M-1");
      await say(pane, "/branch retry what times out", "half a second apart");
      await say(pane, "five tries rather than three", "Five tries.");
      await pane.press("M-1");
      await pane.until("a test says so");
      await say(pane, "write down how it is used", "Written down.");
      await say(pane, "/merge httpx.2", "Merge httpx.2 into");
      await pane.type("y");
      await pane.until("Merged httpx");
      await say(pane, "/land", "as one commit?");
      await pane.type("y");
      await pane.until("Landed");
      await say(pane, "show an example in the README", "at the top of the README");
      await pane.press("M-t");
      await pane.until("◆ 3");
    },
  },
  {
    name: "diff",
    title: "A diff, side by side, with what differs within lines",
    rows: 26,
    columns: 120,
    files,
    script: [...rewrite.slice(0, 2), { text: "One client for all requests.", usage }],
    async play(pane) {
      await begin(pane);
      await say(pane, "use httpx", "One client for all requests.");
      await say(pane, "/diff", "1 file  +3");
      await pane.type("s");
      await pane.until("│  1 + import httpx");
    },
  },
  {
    name: "permission",
    title: "An agent asks before it reaches the network: all of the command, and the rule that would hold from then on",
    rows: 26,
    columns: 96,
    files,
    script: [
      ...rewrite.slice(0, 2),
      {
        text: "The tests need `respx`, which is not installed here.",
        calls: [
          {
            name: "Bash",
            input: {
              command: "pip install httpx respx\npython -m pytest -q",
              network: true,
              description: "Run the tests",
            },
          },
        ],
        usage,
      },
      { text: "Done.", usage },
    ],
    async play(pane) {
      await begin(pane);
      await pane.type("use httpx, and run the tests");
      await pane.press("Enter");
      await pane.until("y yes");
    },
  },
  {
    name: "sub-agents",
    title: "Sub-agents at work: a tab for each, and in their parent's a line of what each is at",
    rows: 19,
    columns: 108,
    files,
    script: parts,
    async play(pane) {
      await begin(pane);
      await pane.type("move to httpx");
      await pane.press("Enter");
      await pane.until((shown) => ["✓ Agent", ".2: Write docs", ".3: Grep"].every((text) => shown.includes(text)));
    },
  },
];

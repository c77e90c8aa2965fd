import { expect, test } from "vitest";
import { exitCode, UsageError } from "../exit-code.ts";
import { flags, flagsOf } from "./flags.ts";
import { parseCommandLine } from "./parse.ts";

/** Parses words that stand between single spaces. */
const parse = (line: string) => parseCommandLine(line.split(" "));

/** What the user is told of a command line that is refused. */
function refusal(...args: string[]): string {
  try {
    parseCommandLine(args);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`bough ${args.join(" ")} was accepted`);
}

test("without arguments it is the screen", () => {
  expect(parseCommandLine([])).toEqual({
    command: "open",
    start: { from: "checkout", clean: false, branch: undefined },
    cwd: ".",
    trust: false,
  });
});

test("a prompt opens the screen with it; one word needs -- before it, since it may be a misspelt command", () => {
  expect(parseCommandLine(["fix the bug"])).toMatchObject({ command: "open", prompt: "fix the bug" });
  expect(parseCommandLine(["--", "log"])).toMatchObject({ command: "open", prompt: "log" });
});

test("the screen is opened on what -p is run on", () => {
  expect(parse("-r bough/fix")).toMatchObject({ command: "open", start: { from: "revision", revision: "bough/fix" } });
  expect(parse("-c -m a/b --permission-mode plan")).toMatchObject({
    command: "open",
    start: { from: "latest" },
    model: "a/b",
    permissionMode: "plan",
  });
  expect(refusal("-r", "bough/fix", "-c")).toMatch("--resume and --continue do not go together");
});

test("-p takes the prompt behind it, and what is not given has its default", () => {
  expect(parseCommandLine(["-p", "fix the bug"])).toEqual({
    command: "print",
    prompt: "fix the bug",
    start: { from: "checkout", clean: false, branch: undefined },
    apply: false,
    cwd: ".",
    trust: false,
    outputFormat: "text",
    includePartialMessages: false,
  });
});

test("every flag of -p is read", () => {
  const line =
    "-p hello -m openai/gpt-x --branch fix --clean --apply --cwd sub --tools Read,Bash --system S --append-system A " +
    "--permission-mode bypassPermissions --max-turns 3 --max-budget-usd 0.50 --max-time 60 --base-url http://localhost:8080/v1 --output-format stream-json " +
    "--include-partial-messages --allowed-tools Bash(ls),Edit --disallowedTools Read(./.env) --config c.json --trust";
  expect(parse(line)).toEqual({
    command: "print",
    prompt: "hello",
    start: { from: "checkout", clean: true, branch: "fix" },
    apply: true,
    cwd: "sub",
    model: "openai/gpt-x",
    baseUrl: "http://localhost:8080/v1",
    tools: ["Read", "Bash"],
    allowedTools: ["Bash(ls)", "Edit"],
    disallowedTools: ["Read(./.env)"],
    config: "c.json",
    trust: true,
    system: "S",
    appendSystem: "A",
    permissionMode: "bypassPermissions",
    maxTurns: 3,
    maxCost: 0.5,
    maxTime: 60,
    outputFormat: "stream-json",
    includePartialMessages: true,
  });
});

test.each([
  ["before the prompt", ["-p", "-m", "a/b", "hello"]],
  ["behind the prompt", ["-p", "hello", "-m", "a/b"]],
  ["before -p", ["-m", "a/b", "-p", "hello"]],
  ["with an equals sign", ["--print=hello", "--model=a/b"]],
  ["joined to its letter", ["-p", "hello", "-ma/b"]],
])("a flag may stand %s", (_, args) => {
  expect(parseCommandLine(args)).toMatchObject({ command: "print", prompt: "hello", model: "a/b" });
});

test("the prompt may stand before -p", () => {
  expect(parseCommandLine(["fix it", "-p"])).toMatchObject({ command: "print", prompt: "fix it" });
});

test("the prompt is left to standard input when it is not given", () => {
  expect(parse("-p")).toMatchObject({ command: "print", prompt: undefined });
});

test("behind -- a prompt may start with a dash", () => {
  expect(parse("-p -- -x")).toMatchObject({ command: "print", prompt: "-x" });
});

test("behind -p the name of a command is a prompt", () => {
  expect(parse("-p log")).toMatchObject({ command: "print", prompt: "log" });
  expect(parse("-p help")).toMatchObject({ command: "print", prompt: "help" });
});

test("a command before -p stays a command, as in git log -p", () => {
  expect(refusal("log", "-p")).toMatch("`bough log [<rev>]` takes no --print");
});

test("a prompt of several arguments is asked for in quotes", () => {
  expect(refusal("-p", "fix", "the", "bug")).toBe(
    "The prompt is more than one argument. Put it in quotes: bough -p 'fix the bug'",
  );
});

test("--resume and --continue say where the turn starts", () => {
  expect(parse("-p hi -r bough/fix")).toMatchObject({ start: { from: "revision", revision: "bough/fix" } });
  expect(parse("-p hi -c")).toMatchObject({ start: { from: "latest" } });
});

test.each([
  [["-r", "x", "-c"], "--resume and --continue do not go together: each says which session to continue."],
  [["--branch", "b", "-r", "x"], "--branch and --resume do not go together: --branch names a new session."],
  [["--branch", "b", "-c"], "--branch and --continue do not go together: --branch names a new session."],
  [["--clean", "-r", "x"], "--clean and --resume do not go together: --clean is about how a new session starts."],
  [["--clean", "-c"], "--clean and --continue do not go together: --clean is about how a new session starts."],
])("%j is refused", (args, message) => {
  expect(refusal("-p", "hi", ...args)).toBe(message);
});

test("the names of other agents mean the same", () => {
  expect(parse("-p hi --system-prompt S --append-system-prompt A --dangerously-skip-permissions")).toMatchObject({
    system: "S",
    appendSystem: "A",
    permissionMode: "bypassPermissions",
  });
});

test("the last one counts when a flag is given twice", () => {
  expect(parse("-p hi -m a/b --model c/d")).toMatchObject({ model: "c/d" });
});

test("--tools is a list, and empty for no tools", () => {
  expect(parseCommandLine(["-p", "hi", "--tools", "Read, Edit"])).toMatchObject({ tools: ["Read", "Edit"] });
  expect(parseCommandLine(["-p", "hi", "--tools", ""])).toMatchObject({ tools: [] });
  expect(refusal("-p", "hi", "--tools", "Read,,Edit")).toBe(
    '--tools takes words with a comma between each two, not "Read,,Edit".',
  );
});

test.each(["0", "1.5", "2147484", "1m"])("--max-time=%s is refused", (time) => {
  expect(refusal("-p", "hi", `--max-time=${time}`)).toBe(
    `--max-time takes a whole number of seconds, from 1 to 2147483, not "${time}".`,
  );
});

test.each(["0", "-1", "1.5", "many", "", "1e3", "99999999999999999999"])("--max-turns=%s is refused", (number) => {
  expect(refusal("-p", "hi", `--max-turns=${number}`)).toBe(
    `--max-turns takes a whole number of 1 or more, not "${number}".`,
  );
});

test.each(["localhost:8080", "ftp://host", "http://", "file:///etc/passwd"])("--base-url %s is refused", (url) => {
  expect(refusal("-p", "hi", "--base-url", url)).toMatch("--base-url takes an address that starts with https://");
});

test("a mode that is not built is unknown", () => {
  expect(refusal("-p", "hi", "--permission-mode", "auto")).toBe(
    '--permission-mode takes default, acceptEdits, plan, dontAsk or bypassPermissions, not "auto".',
  );
  expect(refusal("-p", "hi", "--output-format", "xml")).toBe(
    '--output-format takes text, json or stream-json, not "xml".',
  );
});

test("--include-partial-messages needs the format that has room for them", () => {
  expect(refusal("-p", "hi", "--include-partial-messages")).toBe(
    "--include-partial-messages needs --output-format stream-json.",
  );
});

test("an unknown flag is refused with the nearest one that exists", () => {
  expect(refusal("-p", "hi", "--modle", "x")).toBe(
    "Unknown flag --modle. Did you mean --model? `bough --help` lists the flags.",
  );
  expect(refusal("-p", "hi", "--quux")).toBe("Unknown flag --quux. `bough --help` lists the flags.");
  expect(refusal("-x")).toBe("Unknown flag -x. `bough --help` lists the flags.");
  expect(refusal("-px", "hi")).toBe("Unknown flag -x. `bough --help` lists the flags.");
});

test("help is no excuse for an unknown flag", () => {
  expect(refusal("--help", "--nonsense")).toMatch("Unknown flag --nonsense.");
});

test("a flag that needs a value does not take the next flag for it", () => {
  expect(refusal("-p", "hi", "--model")).toBe("--model needs a value: --model <provider>/<id>");
  expect(refusal("-p", "hi", "-m", "--apply")).toBe("-m needs a value. If --apply is meant as one: --model=--apply");
  expect(parseCommandLine(["-p", "hi", "--system", "- be brief"])).toMatchObject({ system: "- be brief" });
  expect(parseCommandLine(["-p", "hi", "--system=--brief"])).toMatchObject({ system: "--brief" });
});

test("a flag without a value takes none", () => {
  expect(refusal("-p", "hi", "--apply=false")).toBe("--apply takes no value.");
  expect(refusal("-p", "hi", "--dangerously-skip-permissions=false")).toBe(
    "--dangerously-skip-permissions takes no value.",
  );
});

test("a value may not be blank", () => {
  expect(refusal("-p", "hi", "--model", " ")).toBe('--model takes some text, not " ".');
});

test("a prompt that is several words is refused, and how to send it is shown", () => {
  expect(refusal("fix", "the", "bug")).toBe(
    'Unknown command "fix". The commands are log, show, diff, why, sessions, export, branch, merge, land, rewind, init, context, gc, doctor, tour, help.\n' +
      "To give the agent a prompt: bough -p 'fix the bug'",
  );
});

test("a prompt that needs quoting or is long is not repeated", () => {
  expect(refusal("don't")).toMatch('To give the agent a prompt: bough -p "<prompt>"');
  expect(refusal("word".repeat(20))).toMatch('To give the agent a prompt: bough -p "<prompt>"');
});

test("a misspelt command is refused with the nearest one", () => {
  expect(refusal("lgo")).toMatch('Unknown command "lgo". Did you mean log?');
  expect(refusal("session")).toMatch("Did you mean sessions?");
});

test("a flag without a command says where it belongs", () => {
  expect(refusal("--apply")).toBe('--apply needs a prompt: bough -p "<prompt>"');
  expect(refusal("--json")).toBe(
    "--json needs a command: bough log|show|diff|why|sessions|branch|merge|land|rewind|context|gc|doctor",
  );
});

test("log takes a revision, a number and JSON", () => {
  expect(parse("log")).toEqual({ command: "log", all: false, json: false, cwd: "." });
  expect(parse("log bough/fix -n 5 --json --cwd sub")).toEqual({
    command: "log",
    revision: "bough/fix",
    all: false,
    maxCount: 5,
    json: true,
    cwd: "sub",
  });
  expect(parse("log --all -n5")).toMatchObject({ all: true, maxCount: 5 });
});

test("log takes one revision, or all", () => {
  expect(refusal("log", "a", "b")).toBe('`bough log [<rev>]` does not take "b".');
  expect(refusal("log", "a", "--all")).toBe('`bough log` takes --all or a revision ("a"), not both.');
});

test("show needs its revision", () => {
  expect(parse("show abc --json")).toEqual({ command: "show", revision: "abc", json: true, cwd: "." });
  expect(refusal("show")).toBe("`bough show` needs a revision: bough show <rev>");
});

test("diff takes up to two revisions", () => {
  expect(parse("diff")).toEqual({ command: "diff", revisions: [], layout: undefined, cwd: "." });
  expect(parse("diff a b --stat")).toMatchObject({ revisions: ["a", "b"], layout: "stat" });
  expect(refusal("diff", "a", "b", "c")).toBe('`bough diff [<rev>] [<rev>]` does not take "c".');
  expect(refusal("diff", "--stat", "--json")).toMatch(/^--stat and --json do not go together/);
});

test("export takes a branch, a format and a file", () => {
  expect(parse("export")).toEqual({ command: "export", branch: undefined, format: "md", output: undefined, cwd: "." });
  expect(parse("export work --format bundle -o work.bundle")).toMatchObject({
    branch: "work",
    format: "bundle",
    output: "work.bundle",
  });
  expect(refusal("export", "--format", "pdf")).toBe('--format takes md, json or bundle, not "pdf".');
});

test("why takes a file, with a line or without", () => {
  expect(parse("why src/a.py:12 --json")).toEqual({ command: "why", place: "src/a.py:12", json: true, cwd: "." });
  expect(refusal("why")).toBe("`bough why` needs a file: bough why <file>[:<line>]");
});

test("sessions and tour take no operand", () => {
  expect(parse("sessions --json")).toEqual({ command: "sessions", all: false, json: true, cwd: "." });
  expect(parse("sessions --all")).toMatchObject({ command: "sessions", all: true });
  expect(parse("tour")).toEqual({ command: "tour" });
  expect(refusal("tour", "now")).toBe('`bough tour` does not take "now".');
});

test("a command refuses the flags of another", () => {
  expect(refusal("log", "--model", "a/b")).toBe(
    "`bough log [<rev>]` takes no --model; `bough log --help` lists what it takes.",
  );
  expect(refusal("-p", "hi", "--all")).toBe(
    '`bough -p "<prompt>"` takes no --all; `bough --help` lists what it takes.',
  );
});

test.each([
  [["--help"], undefined],
  [["-h"], undefined],
  [["help"], undefined],
  [["-p", "hi", "-h"], undefined],
  [["log", "-h"], "log"],
  [["help", "log"], "log"],
  [["--help", "log"], "log"],
  [["show", "--help"], "show"],
])("%j asks for help", (args, topic) => {
  expect(parseCommandLine(args)).toEqual({ command: "help", topic });
});

test("there is no help on what does not exist", () => {
  expect(refusal("help", "lgo")).toBe('Unknown command "lgo". Did you mean log?');
  expect(refusal("lgo", "--help")).toBe('Unknown command "lgo". Did you mean log?');
});

test("--version and -v ask for the version", () => {
  expect(parse("--version")).toEqual({ command: "version" });
  expect(parse("-v")).toEqual({ command: "version" });
});

test("what is refused is a usage error", () => {
  expect(() => parse("--nonsense")).toThrow(expect.objectContaining({ exitCode: exitCode.usage }));
});

test("no two flags share a name or a letter", () => {
  const table = Object.values(flags).map((flag) => ({ short: undefined, aliases: [], ...flag }));
  const names = table.flatMap(({ name, short, aliases }) => [name, short, ...aliases.map((alias) => alias.name)]);
  const given = names.filter((name) => name !== undefined);
  expect(given).toEqual([...new Set(given)]);
});

test("every command takes the flags that the table gives it", () => {
  expect(flagsOf("sessions").map(({ name }) => name)).toEqual(["cwd", "all", "json", "help", "version"]);
});

test("land makes a commit of the session that moved last where nothing else is said", () => {
  const land = { command: "land", mode: "squash", onto: undefined, preview: false, json: false, cwd: "." };
  expect(parse("land")).toEqual({ ...land, branch: undefined });
  expect(parse("land fix --apply --preview")).toEqual({ ...land, branch: "fix", mode: "apply", preview: true });
  expect(parse("land fix --squash --onto release")).toEqual({ ...land, branch: "fix", onto: "release" });
  expect(refusal("land", "--squash", "--apply")).toBe(
    "--squash and --apply do not go together: one makes a commit, the other uncommitted edits.",
  );
});

test("merge needs what to merge", () => {
  const merge = { command: "merge", branch: "fix", into: undefined, preview: false, json: false, cwd: "." };
  expect(parse("merge fix")).toEqual(merge);
  expect(parse("merge fix --into other --preview")).toEqual({ ...merge, into: "other", preview: true });
  expect(refusal("merge")).toBe("`bough merge` needs what to merge: bough merge <branch>");
});

test("init is bounded like any run of a model", () => {
  const bounds = "--max-turns 9 --max-cost 2 --max-time 60";
  expect(parse(`init ${bounds}`)).toMatchObject({ command: "init", maxTurns: 9, maxCost: 2, maxTime: 60 });
});

test("branch forks before a prompt when --rev is a number, and after a revision when it is not", () => {
  expect(parse("branch --rev 2 --from bough/x --name y hello")).toMatchObject({
    command: "branch",
    prompt: "hello",
    before: 2,
    after: undefined,
    from: "bough/x",
    name: "y",
  });
  expect(parse("branch --rev a1b2c3d")).toMatchObject({ prompt: undefined, before: undefined, after: "a1b2c3d" });
  expect(parse("branch -m a/b --max-turns 2 hi")).toMatchObject({ model: "a/b", maxTurns: 2 });
  expect(refusal("branch", "--clean")).toMatch("takes no --clean");
});

test("rewind goes by one turn unless told, to before a prompt when it is given a number, else to a revision", () => {
  const rewind = { command: "rewind", only: undefined, branch: undefined, preview: false, json: false, cwd: "." };
  expect(parse("rewind")).toEqual({ ...rewind, target: { turns: 1 } });
  expect(parse("rewind --turns 3 --preview")).toEqual({ ...rewind, target: { turns: 3 }, preview: true });
  expect(parse("rewind 2 --in bough/x --chat")).toEqual({
    ...rewind,
    target: { before: 2 },
    branch: "bough/x",
    only: "chat",
  });
  expect(parse("rewind a1b2c3d --files")).toEqual({ ...rewind, target: { after: "a1b2c3d" }, only: "files" });
  expect(parse("rewind --files --chat")).toEqual({ ...rewind, target: { turns: 1 } });
  expect(refusal("rewind", "2", "--turns", "1")).toBe('`bough rewind` takes --turns or a moment ("2"), not both.');
});

test("gc takes a length of time in hours, days or weeks", () => {
  expect(parse("gc")).toEqual({
    command: "gc",
    olderThan: undefined,
    dryRun: false,
    yes: false,
    json: false,
    cwd: ".",
  });
  expect(parse("gc --older-than 12h --dry-run --yes --json")).toMatchObject({ olderThan: 43_200_000, dryRun: true });
  expect(parse("gc --older-than 0d")).toMatchObject({ olderThan: 0 });
  expect(parse("gc --older-than 2w")).toMatchObject({ olderThan: 1_209_600_000 });
  expect(refusal("gc", "--older-than", "30")).toMatch("a number of hours, days or weeks, as in 12h, 30d or 8w");
});

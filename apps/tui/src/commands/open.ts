import { resolve } from "node:path";
import { detectSandbox } from "@bough/agent";
import { Repository } from "@bough/gitstate";
import { withAgentFile } from "../agent-file.ts";
import type { OpenCommand } from "../command-line/parse.ts";
import { type ExitCode, exitCode, UsageError } from "../exit-code.ts";
import { instructionsFor } from "../instructions.ts";
import { KeyMap } from "../keys/key-map.ts";
import { askOnTerminal } from "../plain/ask-on-terminal.ts";
import { Program } from "../program/program.ts";
import { type Background, BackgroundAnswer, backgroundOf, backgroundQuery } from "../screen/background.ts";
import { Layout } from "../screen/layout.ts";
import { Screen } from "../screen/screen.ts";
import { type EndReason, Terminal } from "../screen/terminal.ts";
import { colorDepth, Theme } from "../screen/theme.ts";
import { settingsFor } from "../settings.ts";
import type { Streams } from "../streams.ts";
import { escapeForTerminal } from "../terminal-text.ts";
import { agentOptions, modelForNew } from "./agent-options.ts";

/** Bare `bough`, also with a prompt: the screen, until the person leaves it. */
export async function open(given: OpenCommand, streams: Streams): Promise<ExitCode> {
  requireTerminal(streams, process.env);
  const command = await withAgentFile(given);
  const settings = await settingsFor(command, streams, askOnTerminal(streams));
  const keys = new KeyMap(settings.keys);
  const model = modelForNew(command, settings)?.name;
  const [told, layout] = await Promise.all([
    instructionsFor(command, settings, streams),
    Layout.open(),
    // Outside of a repository there is nothing to open.
    Repository.open(resolve(command.cwd)),
  ]);
  const ended = Promise.withResolvers<ExitCode>();
  let screen: Screen | undefined;
  let terminal: Terminal | undefined;
  const program = new Program({
    agent: { ...agentOptions(command, settings), ...told, model },
    first: command.start.from === "checkout" ? command.start : {},
    front: {
      handOver: (run) => (terminal === undefined ? run() : terminal.handOver(run)),
      copy: (text) => terminal?.copy(text),
      toggleMouse: () => screen?.toggleMouse() ?? false,
      toggleVerbose: () => screen?.toggleExpanded() ?? false,
      show: (view) => screen?.show(view),
      leave: () => ended.resolve(exitCode.done),
    },
    page: () => ({ isTTY: true, columns: process.stdout.columns - 4 }),
    onChange: () => screen?.changed(),
  });
  try {
    await start(command, program);
    const answer = new BackgroundAnswer();
    const early: Uint8Array[] = [];
    terminal = new Terminal({
      onBytes: (bytes) => {
        if (screen !== undefined) return screen.take(bytes);
        early.push(bytes);
        answer.take(bytes);
      },
      onResize: () => screen?.changed(),
      onReturn: () => screen?.spoiled(),
      onEnd: endWith((code) => ended.resolve(code)),
    });
    const background = settings.background ?? (await askBackground(terminal, answer));
    screen = new Screen({
      program,
      display: terminal,
      layout,
      keys,
      theme: new Theme({ background, depth: colorDepth(process.env) }),
      hasSandbox: detectSandbox().then(({ kind }) => kind !== "none"),
      onQuit: () => ended.resolve(exitCode.done),
    });
    for (const bytes of early) screen.take(bytes);
    if (command.prompt !== undefined) void program.submit(program.active, command.prompt);
    return await ended.promise;
  } finally {
    screen?.[Symbol.dispose]();
    layout[Symbol.dispose]();
    // Else the last picture would be drawn where the shell is.
    await terminal?.settle();
    terminal?.[Symbol.dispose]();
    await leave(program, streams);
  }
}

/** Opens the session that is to be gone on with. */
async function start({ start, model }: OpenCommand, program: Program): Promise<void> {
  if (start.from === "checkout") return;
  const empty = program.active;
  await program.resume(start.from === "revision" ? start.revision : undefined, { model });
  await program.close(empty);
}

async function askBackground(terminal: Terminal, answer: BackgroundAnswer): Promise<Background> {
  terminal.ask(backgroundQuery);
  return (await answer.wait()) ?? backgroundOf(process.env) ?? "dark";
}

/** The second time nothing is waited for. */
function endWith(end: (code: ExitCode) => void): (reason: EndReason) => void {
  let isEnding = false;
  return (reason) => {
    const code = reason === "SIGINT" ? exitCode.interrupted : exitCode.terminated;
    if (isEnding) process.exit(code);
    isEnding = true;
    end(code);
  };
}

function requireTerminal({ stdin, stdout }: Streams, env: NodeJS.ProcessEnv): void {
  const missing = stdin.isTTY !== true || stdout.isTTY !== true ? "There is no terminal here" : undefined;
  const dumb = env.TERM === "dumb" ? "This terminal (TERM=dumb) cannot be drawn on" : undefined;
  const why = missing ?? dumb;
  if (why !== undefined) throw new UsageError(`${why}. Give a prompt: bough -p "<prompt>", or lines: bough --plain`);
}

/** Says where the work is: nobody should have to look for it. */
async function leave(program: Program, { stdout }: Streams): Promise<void> {
  for (const line of await program.leave()) stdout.write(`${escapeForTerminal(line)}\n`);
}

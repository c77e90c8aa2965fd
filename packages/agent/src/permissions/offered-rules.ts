import { actingOption } from "./acting-options.ts";
import { type CommandAnalysis, isNeutral, whyNotAllowed } from "./command-rules.ts";
import { nestedCommands, programName } from "./nested-commands.ts";
import type { Offer } from "./offer.ts";
import type { SimpleCommand } from "./read-command.ts";
import { parseRule } from "./rule.ts";
import { fixedText } from "./shell-word.ts";

/** More rules at once are nobody's to look over. */
const MOST = 4;

/** The offers that would allow a command from now on, the narrowest last: a person is shown them before. */
export function offersFor(command: CommandAnalysis): Offer[] {
  const exact = [`Bash(${command.text.trim()})`];
  if (command.unclear !== undefined) return [exact];
  const runsGit = command.all.some(({ words }) => programName(words[0]) === "git");
  const widest = command.top.filter((each) => !isNeutral(each, runsGit)).map(widestRule);
  const rules = [...new Set(widest)].flatMap((rule) => rule ?? []);
  const isWhole = widest.every((rule) => rule !== undefined) && rules.length > 0 && rules.length <= MOST;
  const doAllow =
    whyNotAllowed(
      command,
      rules.flatMap((rule) => parseRule(rule) ?? []),
    ) === undefined;
  return isWhole && doAllow ? [rules, exact] : [exact];
}

/** The rule about all commands that begin like this one; undefined where that is not safe to keep. */
function widestRule(command: SimpleCommand): string | undefined {
  const texts = command.words.map(fixedText);
  if (!isBare(command)) return undefined;
  if (nestedCommands(command) !== undefined || actingOption(command) !== undefined) return undefined;
  const program = texts[0] ?? "";
  if (NEVER.has(program)) return undefined;
  const beginning = texts.slice(0, lengthOfBeginning(texts));
  return beginning.every((text) => text !== undefined && /^[\w@./:-]+$/.test(text))
    ? `Bash(${beginning.join(" ")}:*)`
    : undefined;
}

/** How many of its words say what a command does. */
function lengthOfBeginning([program = "", second = "", third = "-"]: readonly (string | undefined)[]): number {
  if (SUBCOMMANDS.has(program) && /^(run|exec)$/.test(second) && !third.startsWith("-")) return 3;
  if (/^python[\d.]*$/.test(program) && second === "-m") return 3;
  return SUBCOMMANDS.has(program) || SCRIPTED.test(program) ? 2 : 1;
}

/** Programs whose every use is another matter: where the next ones work, what is gone for good, what leaves the machine. */
const NEVER = new Set(
  "cd pushd popd rm dd chmod chown kill pkill killall curl wget ssh scp sftp rsync nc ncat socat".split(" "),
);
/** Programs that do what the file behind them says. */
const SCRIPTED = /^(?:node|python[\d.]*|perl|ruby|php|sh|bash)$/;
const SUBCOMMANDS = new Set(
  "npm pnpm yarn bun deno git cargo go docker kubectl make just gradle mvn dotnet bundle rails mix poetry uv pip systemctl gh".split(
    " ",
  ),
);

function isBare({ sets, writes, reads, isFed }: SimpleCommand): boolean {
  return sets.length + writes.length + reads.length === 0 && !isFed;
}

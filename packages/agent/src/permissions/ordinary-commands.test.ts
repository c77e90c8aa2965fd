import { WorktreeFiles } from "@bough/sandbox";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { bashTool } from "../tools/bash.ts";
import type { Ask, PermissionMode, PermissionQuestion } from "./modes.ts";
import { Permissions } from "./permissions.ts";
import { parseRule } from "./rule.ts";

/** What a model runs, and what somebody is offered to allow from then on where it is not confined; without it just that. */
const commands: readonly (readonly [command: string, offered?: string])[] = [
  ["git status", "Bash(git status:*)"],
  ["git log --oneline -n 5", "Bash(git log:*)"],
  ["git diff HEAD~1 -- src", "Bash(git diff:*)"],
  ["git show --stat", "Bash(git show:*)"],
  ["git blame -L 1,20 src/a.ts", "Bash(git blame:*)"],
  ["git diff --stat | tail -n 1", "Bash(git diff:*) and Bash(tail:*)"],
  ["git branch --show-current", "Bash(git branch:*)"],
  ["git rev-parse HEAD", "Bash(git rev-parse:*)"],
  ["git ls-files | grep test", "Bash(git ls-files:*) and Bash(grep:*)"],
  ["npm test", "Bash(npm test:*)"],
  ["npm run lint -- --fix", "Bash(npm run lint:*)"],
  ["npm test -- src/a.test.ts 2>&1 | tail -n 30", "Bash(npm test:*) and Bash(tail:*)"],
  ["npm ci", "Bash(npm ci:*)"],
  ["pnpm test", "Bash(pnpm test:*)"],
  ["pnpm install --frozen-lockfile", "Bash(pnpm install:*)"],
  ["pnpm run build && pnpm test", "Bash(pnpm run build:*) and Bash(pnpm test:*)"],
  ["yarn build", "Bash(yarn build:*)"],
  ["npx tsc --noEmit"],
  ["node --test", "Bash(node --test:*)"],
  ["node scripts/build.js", "Bash(node scripts/build.js:*)"],
  ["cargo build --release", "Bash(cargo build:*)"],
  ["cargo test -- --nocapture", "Bash(cargo test:*)"],
  ["cargo clippy --all-targets", "Bash(cargo clippy:*)"],
  ["cargo fmt --check", "Bash(cargo fmt:*)"],
  ["go build ./...", "Bash(go build:*)"],
  ["go test ./... -run TestAdd", "Bash(go test:*)"],
  ["go vet ./...", "Bash(go vet:*)"],
  ["gofmt -l .", "Bash(gofmt:*)"],
  ["pytest -q tests/test_add.py", "Bash(pytest:*)"],
  ["python3 -m pytest -x", "Bash(python3 -m pytest:*)"],
  ["python -m venv .venv", "Bash(python -m venv:*)"],
  ["python3 manage.py migrate", "Bash(python3 manage.py:*)"],
  ["pip install -r requirements.txt", "Bash(pip install:*)"],
  ["uv run pytest", "Bash(uv run pytest:*)"],
  ["ruff check src", "Bash(ruff:*)"],
  ["mypy src", "Bash(mypy:*)"],
  ["make", "Bash(make:*)"],
  ["make -j4 test", "Bash(make -j4:*)"],
  ["bundle exec rspec", "Bash(bundle exec rspec:*)"],
  ["mvn -q test", "Bash(mvn -q:*)"],
  ["ls -la src", "Bash(ls:*)"],
  ["cat package.json", "Bash(cat:*)"],
  ["head -n 40 src/a.ts", "Bash(head:*)"],
  ["sed -n '10,40p' src/a.ts", "Bash(sed:*)"],
  ["grep -rn 'TODO' src --include='*.ts'", "Bash(grep:*)"],
  ["rg -n 'export' src | head -20", "Bash(rg:*) and Bash(head:*)"],
  ["find . -name '*.ts' -not -path './node_modules/*'", "Bash(find:*)"],
  ["wc -l src/*.ts", "Bash(wc:*)"],
  ["awk '{ print $1 }' f | sort | uniq -c", "Bash(awk:*) and Bash(sort:*) and Bash(uniq:*)"],
  ["jq .scripts package.json", "Bash(jq:*)"],
  ["diff a.txt b.txt", "Bash(diff:*)"],
  ["mkdir -p src/new && touch src/new/a.ts", "Bash(mkdir:*) and Bash(touch:*)"],
  ["cd packages/a && npm test", "Bash(npm test:*)"],
  ["curl -s localhost:3000/health"],
  ["sleep 1; curl -sf http://127.0.0.1:8080"],
  ["rm -rf dist && npm run build"],
  ["echo done > out.txt"],
  ["NODE_ENV=test npm test"],
  ['for f in src/*.ts; do wc -l "$f"; done'],
  ["which node && node --version", "Bash(which:*) and Bash(node --version:*)"],
  ["ps aux | grep node", "Bash(ps:*) and Bash(grep:*)"],
  ["date +%F", "Bash(date:*)"],
];

const rulesOf = (...texts: readonly string[]) => texts.flatMap((text) => parseRule(text) ?? []);
/** As people write them. */
const usual = rulesOf("Bash(sudo:*)", "Bash(git push:*)", "Bash(npm publish:*)", "Read(./.env)", "Read(~/.ssh/**)");

interface Setting {
  readonly mode: PermissionMode;
  readonly isConfined: boolean;
}

/** The questions that all the commands come to. */
async function questions({ mode, isConfined }: Setting): Promise<Map<string, PermissionQuestion | "denied">> {
  await using repository = await temporaryRepository();
  const files = new WorktreeFiles({ root: repository.path });
  const rules = { allow: [], ask: [], deny: usual };
  const permissions = new Permissions({ mode, rules, checkout: repository.path, canConfine: async () => isConfined });
  const asked = new Map<string, PermissionQuestion | "denied">();
  for (const [command] of commands) {
    const { signal } = new AbortController();
    const ask: Ask = async (question) => {
      if (question.type === "permission") asked.set(command, question);
      return { allow: true };
    };
    const { allow } = await permissions.permit(bashTool, { command }, { files, signal, ask });
    if (!allow) asked.set(command, "denied");
  }
  return asked;
}

test.each(["default", "acceptEdits", "dontAsk", "bypassPermissions"] as const)(
  "in mode %s no ordinary command is asked about or denied in a sandbox, whatever people usually deny",
  async (mode) => {
    expect([...(await questions({ mode, isConfined: true })).keys()]).toEqual([]);
  },
);

test("outside a sandbox each is asked about, and what is offered for its like is what a person would mean", async () => {
  const asked = await questions({ mode: "default", isConfined: false });
  const offered = [...asked].map(([command, question]) => {
    const [widest] = question === "denied" ? [] : question.rules;
    return widest === `Bash(${command})` ? [command] : [command, widest];
  });
  expect(offered).toEqual(commands);
});

test("who accepts edits is not asked about folders and files, and who asks nothing is denied the rest", async () => {
  const all = commands.map(([command]) => command);
  const made = "mkdir -p src/new && touch src/new/a.ts";
  expect([...(await questions({ mode: "acceptEdits", isConfined: false })).keys()]).toEqual(
    all.filter((command) => command !== made),
  );
  const denied = await questions({ mode: "dontAsk", isConfined: false });
  expect([...denied.values()].every((each) => each === "denied")).toBe(true);
  expect([...denied.keys()]).toEqual(all);
});

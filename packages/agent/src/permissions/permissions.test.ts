import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorktreeFiles } from "@bough/sandbox";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { defineTool, type Tool } from "../tool.ts";
import type { Ask, PermissionMode, Question } from "./modes.ts";
import { type Permission, Permissions } from "./permissions.ts";
import type { Rules } from "./rule.ts";
import { parseRule, type Rule, type Verdict } from "./rule.ts";

const effects = {
  Read: "read",
  Grep: "read",
  Skill: "read",
  Write: "edit",
  Edit: "edit",
  Bash: "execute",
  Deploy: "execute",
} as const;

function tool(name: keyof typeof effects): Tool {
  const execute = async () => ({ text: "" });
  return defineTool({ name, description: "", input: z.object({}), effect: effects[name], execute });
}

function rules(texts: Partial<Record<Verdict, readonly string[]>>): Rules {
  const parse = (list: readonly string[] = []): Rule[] => list.flatMap((text) => parseRule(text) ?? []);
  return { allow: parse(texts.allow), ask: parse(texts.ask), deny: parse(texts.deny) };
}

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bough-test-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Setting {
  readonly mode?: PermissionMode;
  readonly allow?: readonly string[];
  readonly ask?: readonly string[];
  readonly deny?: readonly string[];
  readonly isSandboxed?: boolean;
  readonly keepRule?: (rule: string) => Promise<void>;
}

function permissions({ mode = "default", isSandboxed = false, keepRule, ...texts }: Setting = {}): Permissions {
  const canConfine = async () => isSandboxed;
  return new Permissions({ mode, rules: rules(texts), checkout: "/home/u/project", canConfine, keepRule });
}

const never: Ask = () => Promise.reject(new Error("Nobody was to be asked."));

function permit(
  on: Permissions,
  name: keyof typeof effects,
  input: Record<string, unknown>,
  { ask = never, signal = new AbortController().signal }: { ask?: Ask | undefined; signal?: AbortSignal } = {},
): Promise<Permission> {
  const files = new WorktreeFiles({ root, aliases: ["/home/u/project"] });
  return on.permit(tool(name), input, { files, ask, signal });
}

/** What is decided: allowed or denied without a word, or the reason why somebody is asked. */
async function decide(setting: Setting, name: keyof typeof effects, input: Record<string, unknown>): Promise<string> {
  let asked: string | undefined;
  const ask: Ask = async (question) => {
    asked = question.type === "permission" ? question.why : question.type;
    return { allow: false, reason: "no" };
  };
  const { allow } = await permit(permissions(setting), name, input, { ask });
  return asked === undefined ? (allow ? "allow" : "deny") : `ask: ${asked}`;
}

describe("by default", () => {
  test("reading and editing the worktree is allowed", async () => {
    expect(await decide({}, "Read", { file_path: "a" })).toBe("allow");
    expect(await decide({}, "Write", { file_path: "a" })).toBe("allow");
  });

  test("a command is asked about outside a sandbox and allowed inside one", async () => {
    expect(await decide({}, "Bash", { command: "npm test" })).toBe(
      "ask: it runs outside a sandbox, and no rule allows npm",
    );
    expect(await decide({ isSandboxed: true }, "Bash", { command: "npm test" })).toBe("allow");
  });

  test("the network is asked about, once for all", async () => {
    const on = permissions({ isSandboxed: true });
    const questions: Question[] = [];
    const ask: Ask = async (question) => {
      questions.push(question);
      return { allow: true, remember: { rule: "Network", for: "session" } };
    };
    const fetch = () => permit(on, "Bash", { command: "npm install", network: true }, { ask });
    expect(await Promise.all([fetch(), fetch(), fetch()])).toEqual([{ allow: true }, { allow: true }, { allow: true }]);
    expect(questions).toMatchObject([{ why: "it wants to reach the network", rules: ["Network"] }]);
    expect(on.hasNetwork).toBe(true);
  });

  test.each([
    "AGENTS.md",
    "docs/CLAUDE.md",
    ".bough/settings.json",
    ".claude/skills/x/SKILL.md",
    ".worktreeinclude",
    ".mcp.json",
    "agents.MD",
  ])("an edit of %s is asked about, since it steers agents", async (file_path) => {
    expect(await decide({}, "Write", { file_path })).toMatch(/^ask: .* decides what agents may do or are told$/);
    expect(await decide({ mode: "acceptEdits" }, "Edit", { file_path })).toMatch(/^ask/);
    expect(await decide({ allow: ["Edit"] }, "Edit", { file_path })).toMatch(/^ask/);
    expect(await decide({ allow: [`Edit(${file_path})`] }, "Edit", { file_path })).toBe("allow");
    expect(await decide({}, "Read", { file_path })).toBe("allow");
  });

  test("a link to such a file is no way around", async () => {
    await mkdir(join(root, ".bough"));
    await writeFile(join(root, ".bough", "settings.json"), "{}");
    await symlink(".bough", join(root, "harmless"));
    expect(await decide({}, "Edit", { file_path: "harmless/settings.json" })).toMatch(/^ask/);
    expect(await decide({}, "Write", { file_path: "harmless/new/hook.json" })).toMatch(/^ask/);
  });
});

describe("rules", () => {
  test("a rule about a skill is about the one it names", async () => {
    const on = permissions({ deny: ["Skill(deploy)"] });
    expect(await permit(on, "Skill", { name: "review" })).toEqual({ allow: true });
    expect(await permit(on, "Skill", { name: "deploy" })).toMatchObject({ allow: false });
    expect(await permit(permissions({ deny: ["Skill"] }), "Skill", { name: "review" })).toMatchObject({ allow: false });
  });

  test("deny comes before ask, and ask before allow", async () => {
    const command = "git push origin main";
    const [deny, ask, allow] = [["Bash(git push:*)"], ["Bash(git:*)"], ["Bash(git push:*)"]];
    expect(await decide({ deny, ask, allow }, "Bash", { command })).toBe("deny");
    expect(await decide({ ask, allow }, "Bash", { command })).toBe("ask: the rule Bash(git:*) says to ask");
    expect(await decide({ allow }, "Bash", { command })).toBe("allow");
  });

  test("what may be what is denied is asked about, in a sandbox too", async () => {
    const setting = { deny: ["Bash(rm:*)"], isSandboxed: true };
    expect(await decide(setting, "Bash", { command: 'eval "$x"' })).toBe(
      "ask: it may be what the rule Bash(rm:*) forbids",
    );
    expect(await decide(setting, "Bash", { command: "ls" })).toBe("allow");
  });

  test("a file that is denied to reading is so to every tool, by every name", async () => {
    await writeFile(join(root, ".env"), "KEY=1");
    await symlink(".env", join(root, "link"));
    const setting = { deny: ["Read(./.env)"], isSandboxed: true };
    for (const file_path of [".env", "./a/../.env", "/home/u/project/.env", join(root, ".env"), "link", ".ENV"]) {
      expect(await decide(setting, "Read", { file_path }), file_path).toBe("deny");
    }
    expect(await decide(setting, "Grep", { path: ".env" })).toBe("deny");
    for (const command of [
      "cat .env",
      "cat < .env",
      "sh -c 'head .env'",
      "grep -f.env x",
      "cat /home/u/project/.env",
    ]) {
      expect(await decide(setting, "Bash", { command }), command).toBe("deny");
    }
    expect(await decide(setting, "Read", { file_path: "sub/.env" })).toBe("allow");
    expect(await decide({ deny: ["Read(.env)"] }, "Read", { file_path: "sub/.env" })).toBe("deny");
  });

  test("a folder stands for all that is in it, and Edit for every way of writing", async () => {
    const setting = { deny: ["Edit(src/**)", "Edit(/generated)", "Edit(//etc)"], isSandboxed: true };
    for (const file_path of ["src/a.ts", "src/a/b.ts", "generated/x"]) {
      expect(await decide(setting, "Write", { file_path }), file_path).toBe("deny");
      expect(await decide(setting, "Edit", { file_path }), file_path).toBe("deny");
    }
    expect(await decide(setting, "Edit", { file_path: "lib/src/a.ts" })).toBe("allow");
    expect(await decide(setting, "Read", { file_path: "src/a.ts" })).toBe("allow");
    expect(await decide(setting, "Bash", { command: "echo x > src/a.ts" })).toBe("deny");
    expect(await decide(setting, "Bash", { command: "touch /etc/x" })).toBe("deny");
  });

  test("names that other agents give to tools mean the same", async () => {
    expect(parseRule("Glob(src/**)")).toMatchObject({ tool: "Find", specifier: "src/**" });
    expect(await decide({ deny: ["MultiEdit"] }, "Edit", { file_path: "a" })).toBe("deny");
  });

  test("any other tool that may change something is allowed by its name", async () => {
    expect(await decide({}, "Deploy", {})).toBe("ask: Deploy may change anything");
    expect(await decide({ allow: ["Deploy"] }, "Deploy", {})).toBe("allow");
  });
});

describe("modes", () => {
  test("plan only reads", async () => {
    const setting = { mode: "plan", isSandboxed: true, allow: ["Bash", "Edit"] } as const;
    expect(await decide(setting, "Read", { file_path: "a" })).toBe("allow");
    expect(await decide(setting, "Edit", { file_path: "a" })).toBe("deny");
    expect(await decide(setting, "Bash", { command: "ls" })).toBe("deny");
  });

  test("acceptEdits lets commands make, move and remove files of the worktree", async () => {
    const setting = { mode: "acceptEdits" } as const;
    for (const command of ["mkdir -p a/b", "mv a b && rm -r c", "touch x"]) {
      expect(await decide(setting, "Bash", { command }), command).toBe("allow");
    }
    for (const command of [
      "rm ../x",
      "mv a /tmp",
      "rm $x",
      "cp a ~/.bashrc",
      "rm .git/config",
      "mv x AGENTS.md",
      "ls",
    ]) {
      expect(await decide(setting, "Bash", { command }), command).toMatch(/^ask/);
    }
  });

  test("dontAsk denies what would be asked", async () => {
    expect(await decide({ mode: "dontAsk" }, "Bash", { command: "ls" })).toBe("deny");
    expect(await decide({ mode: "dontAsk", allow: ["Bash(ls:*)"] }, "Bash", { command: "ls" })).toBe("allow");
  });

  test("bypassPermissions asks nothing, is never sandboxed, and still keeps to what is denied", async () => {
    const setting = { mode: "bypassPermissions", isSandboxed: true, deny: ["Bash(rm:*)"], ask: ["Bash"] } as const;
    expect(await decide(setting, "Bash", { command: "curl x" })).toBe("allow");
    expect(await decide(setting, "Bash", { command: "rm x" })).toBe("deny");
    expect(await decide(setting, "Bash", { command: "$x" })).toBe("deny");
  });
});

describe("asking", () => {
  test("where nobody can be asked it is denied, with the reason", async () => {
    const on = permissions();
    const files = new WorktreeFiles({ root });
    const asked = { files, ask: undefined, signal: new AbortController().signal };
    expect(await on.permit(tool("Deploy"), {}, asked)).toEqual({
      allow: false,
      reason: "nobody is there to be asked, and Deploy may change anything",
    });
  });

  test("a rule that was offered and chosen holds from then on; kept for later sessions when it is for always", async () => {
    const kept: string[] = [];
    const on = permissions({ keepRule: async (rule) => void kept.push(rule) });
    const ask: Ask = async (question) => {
      const [rule = ""] = question.type === "permission" ? question.rules : [];
      return { allow: true, remember: { rule, for: "always" } };
    };
    expect(await permit(on, "Bash", { command: "npm run build" }, { ask })).toEqual({ allow: true });
    expect(kept).toEqual(["Bash(npm run build:*)"]);
    expect(await permit(on, "Bash", { command: "npm run build -- --fast" })).toEqual({ allow: true });
    await expect(permit(on, "Bash", { command: "npm run deploy" })).rejects.toThrow("Nobody was to be asked");
  });

  test("for a command of several parts a rule for each is offered at once, and each is kept", async () => {
    const kept: string[] = [];
    const on = permissions({ keepRule: async (rule) => void kept.push(rule) });
    const ask: Ask = async (question) => {
      const [rule = ""] = question.type === "permission" ? question.rules : [];
      return { allow: true, remember: { rule, for: "always" } };
    };
    await permit(on, "Bash", { command: "npm test 2>&1 | tail -n 5" }, { ask });
    expect(kept).toEqual(["Bash(npm test:*)", "Bash(tail:*)"]);
    expect(await permit(on, "Bash", { command: "tail -n 3 log && npm test" })).toEqual({ allow: true });
    await expect(permit(on, "Bash", { command: "npm test; rm -rf x" })).rejects.toThrow("Nobody was to be asked");
  });

  test("a rule that was not offered is not taken", async () => {
    const on = permissions();
    const ask: Ask = async () => ({ allow: true, remember: { rule: "Bash", for: "session" } });
    expect(await permit(on, "Bash", { command: "ls" }, { ask })).toEqual({ allow: true });
    await expect(permit(on, "Bash", { command: "ls" })).rejects.toThrow("Nobody was to be asked");
  });

  test("questions are put one at a time, and an answer goes to the question that was shown", async () => {
    const on = permissions();
    const shown: { question: Question; answer: (allow: boolean) => void }[] = [];
    const ask: Ask = (question) =>
      new Promise((resolve) => {
        shown.push({ question, answer: (allow) => resolve(allow ? { allow } : { allow, reason: "no" }) });
      });
    const harmless = permit(on, "Bash", { command: "ls" }, { ask });
    const harmful = permit(on, "Bash", { command: "rm -rf x" }, { ask });
    await expect.poll(() => shown.length).toBe(1);
    // The second is there already, and takes nothing from the key that is pressed now.
    shown[0]?.answer(true);
    expect(await harmless).toEqual({ allow: true });
    await expect.poll(() => shown.length).toBe(2);
    expect(shown.map(({ question }) => question.type === "permission" && question.input)).toEqual([
      { command: "ls" },
      { command: "rm -rf x" },
    ]);
    shown[0]?.answer(true);
    shown[1]?.answer(false);
    expect(await harmful).toEqual({ allow: false, reason: "no" });

    // Both at once, one listener would have given one answer to both.
    const together = [
      permit(permissions(), "Bash", { command: "ls" }, { ask }),
      permit(permissions(), "Bash", { command: "rm -rf x" }, { ask }),
    ];
    await expect.poll(() => shown.length).toBe(4);
    for (const { answer } of shown) answer(true);
    expect(await Promise.all(together)).toEqual([{ allow: true }, { allow: true }]);
  });

  test.each([
    ["padded with spaces", `ls${" ".repeat(1000)}; rm -rf x`],
    ["with a carriage return", "rm -rf x\rls       "],
    ["with an escape sequence", "rm -rf x\x1b[2K\x1b[1Gls"],
    ["right to left", "rm -rf x \u202e sl"],
  ])("a command %s is asked about whole, and never allowed by what it looks like", async (_, command) => {
    let asked: Question | undefined;
    const ask: Ask = async (question) => {
      asked = question;
      return { allow: false, reason: "no" };
    };
    await permit(permissions({ allow: ["Bash(ls:*)"] }), "Bash", { command }, { ask });
    expect(asked).toMatchObject({ tool: "Bash", input: { command } });
    expect(await permit(permissions({ allow: ["Bash(ls:*)"] }), "Bash", { command: "ls" })).toEqual({ allow: true });
  });

  test("an interruption does not wait for an answer", async () => {
    const interruption = new AbortController();
    const answer = permit(
      permissions(),
      "Deploy",
      {},
      { ask: () => new Promise(() => {}), signal: interruption.signal },
    );
    interruption.abort(new Error("enough"));
    await expect(answer).rejects.toThrow("enough");
  });
});

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { commandEnvironment } from "./command-environment.ts";
import { runCommand } from "./run-command.ts";

test("what a toolchain needs is passed on", () => {
  const given = {
    PATH: "/usr/bin",
    HOME: "/home/ann",
    LC_ALL: "de_DE.UTF-8",
    GOPATH: "/go",
    HTTPS_PROXY: "http://proxy:3128",
  };
  expect(commandEnvironment(given)).toMatchObject(given);
});

test("keys, sockets and git's own variables are not passed on", () => {
  const secret = {
    ANTHROPIC_API_KEY: "sk-ant-1",
    OPENAI_API_KEY: "sk-1",
    GITHUB_TOKEN: "ghp_1",
    AWS_SECRET_ACCESS_KEY: "1",
    NPM_TOKEN: "1",
    SSH_AUTH_SOCK: "/run/agent",
    XDG_RUNTIME_DIR: "/run/user/1",
    GIT_DIR: "/repository/.git",
    GIT_INDEX_FILE: "/index",
    GIT_CONFIG_PARAMETERS: "'core.pager=x'",
    NODE_OPTIONS: "--require /x.js",
    BASH_ENV: "/x.sh",
    "BASH_FUNC_ls%%": "() { evil; }",
    LD_PRELOAD: "/x.so",
  };
  const environment = commandEnvironment(secret);
  for (const name of Object.keys(secret)) expect(environment).not.toHaveProperty([name]);
});

test("a URL with a password in it is not passed on", () => {
  const given = { HTTPS_PROXY: "http://ann:secret@proxy:3128", GOPROXY: "https://token@goproxy.example,direct" };
  expect(JSON.stringify(commandEnvironment(given))).not.toMatch(/secret|token/);
});

test("nothing asks, pages or locks", () => {
  expect(commandEnvironment({ TERM: "xterm", PAGER: "less" })).toMatchInlineSnapshot(`
    {
      "DEBIAN_FRONTEND": "noninteractive",
      "GIT_OPTIONAL_LOCKS": "0",
      "GIT_PAGER": "cat",
      "GIT_TERMINAL_PROMPT": "0",
      "MANPAGER": "cat",
      "PAGER": "cat",
      "PYTHONUNBUFFERED": "1",
      "TERM": "dumb",
    }
  `);
});

test("a command cannot print a key that a plain spawn would have handed it", async () => {
  const environment = { ...process.env, MODEL_API_KEY: "sk-very-secret" };
  const control = spawnSync("bash", ["-c", "env"], { env: environment, encoding: "utf8" });
  expect(control.stdout).toContain("sk-very-secret");

  const { output } = await runCommand({
    command: "env; cat /proc/$$/environ",
    cwd: "/",
    env: commandEnvironment(environment),
  });
  expect(output).toContain("TERM=dumb");
  expect(output).not.toContain("sk-very-secret");
});

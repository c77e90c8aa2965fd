import { describe, expect, test } from "vitest";
import { analyzeCommand, matchingRule, namedFiles, whyNotAllowed } from "./command-rules.ts";
import { parseRule, type Rule } from "./rule.ts";

function rules(...specifiers: string[]): Rule[] {
  return specifiers.map((specifier) => parseRule(`Bash(${specifier})`) ?? fail(specifier));
}

function fail(specifier: string): never {
  throw new Error(`${specifier} is no rule`);
}

/** Whether the rules allow a command without anybody being asked. */
function allows(command: string, ...specifiers: string[]): boolean {
  return whyNotAllowed(analyzeCommand(command), rules(...specifiers)) === undefined;
}

/** What rules that deny say of a command. */
function denies(command: string, ...specifiers: string[]): "deny" | "ask" | "allow" {
  const match = matchingRule(analyzeCommand(command), rules(...specifiers));
  return match === undefined ? "allow" : match.isSure ? "deny" : "ask";
}

describe("a rule allows what it names", () => {
  test.each([
    ["git log", "git log:*"],
    ["git log --oneline -n 5 -- src", "git log:*"],
    ["git log | head -n 3", "git log:*", "head:*"],
    ["npm run test:unit -- --watch=false", "npm run test:*", "npm run test:unit:*"],
    ["npm test", "npm test"],
    ["cd packages/a && npm test", "npm test"],
    ["NODE_ENV=test npm test", "npm test"],
    ["timeout 20 npm test 2>&1", "npm test"],
    ["(npm test) >/dev/null", "npm test"],
    ["if npm test; then echo fine; fi", "npm test"],
    ["rg -n 'a|b' src/*.ts", "rg:*"],
    ["sed -n '1,20p;/x/d' file", "sed:*"],
    ["sed 's/a/b/g' file", "sed:*"],
    ["awk -F, -v n=3 '{ print $n }' file", "awk:*"],
    ["tar tzf a.tgz", "tar:*"],
    ["node --test --test-reporter=spec src", "node --test:*"],
    ["git stash list", "git stash:*"],
    ["git archive HEAD", "git archive:*"],
    ["curl -sS https://example.org", "curl:*"],
    ["npm test -- --grep '\ud83d\udc68\u200d\ud83d\udc69'", "npm test:*"],
  ])("%s", (command, ...specifiers) => expect(allows(command, ...specifiers)).toBe(true));

  test("a star in the middle stands for any text of the same command", () => {
    expect(allows("git push origin main", "git push * main")).toBe(true);
    expect(allows("git push origin x; rm main", "git push * main")).toBe(false);
  });
});

describe("Bash(git log:*) does not allow", () => {
  test.each([
    "git log --output=f",
    "git log --outp f",
    "git -c core.pager=x log",
    "git --exec-path=. log",
    "git log; rm -rf x",
    "git log && rm x",
    "git log | sh",
    "git log & rm x",
    "git log\nrm x",
    "git log $(rm x)",
    'git log "$(rm x)"',
    "git log `rm x`",
    "git log <(rm x)",
    "git log <<EOF\n$(rm x)\nEOF",
    "PAGER=x git log",
    "PATH=. git log",
    "env PATH=. git log",
    "export PATH=.; git log",
    "for PATH in .; do git log; done",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    "echo ${PATH:=.}; git log",
    "git log$IFS--output=f",
    "git log $x",
    'git log "$x"',
    "git log *",
    "git log {a,--output=f}",
    "git log > f",
    "git log >> f",
    "git log >| f",
    "git log &> f",
    "{ git log; } > f",
    "cd .. && git log",
    "cd sub && git log",
    "git logs",
    "gitlog",
    "GIT_PAGER=x git log",
    "git\u00a0log",
    "git log\r",
    "git lo\u0000g",
    "f() { rm x; }; git log",
    "git log )",
    "hash -p ./evil git; git log",
    "alias git=rm; git log",
    "trap 'rm x' EXIT; git log",
    "enable -f ./x.so git; git log",
    "printf -v PATH .; git log",
    "[[ 'a[$(rm x)]' -eq 0 ]]; git log",
    "echo $((x)); git log",
    "bash -c 'git log'",
    "eval git log",
    "sudo git log",
    "git -P log",
    "git log --format=%G?",
    "git log --show-signature",
    "env -C /tmp git log",
    "env -i PATH=. git log",
    "time -o f git log",
    "coproc git log",
    "exec > f; git log",
    "git log <<< $(rm x)",
    "git log |& rm",
    "git log &>> f",
    "git log {fd}> f",
    "git log \u2066--output=f",
    "git log \u2028rm x",
    "git log\u0085rm x",
    "git log\u200b",
    "git log\t--output=f",
    "git log \\\n--output=f",
    "g\u0456t log",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    "echo ${!x}; git log",
    "git_dir=x git log",
    "typeset PATH=.; git log",
  ])("%j", (command) => expect(allows(command, "git log:*")).toBe(false));
});

describe("programs that are allowed still cannot run or write by their options", () => {
  test.each([
    ["find . -exec rm {} ;", "find:*"],
    ["find . -delete", "find:*"],
    ["find . -fprint f", "find:*"],
    ["find . -ok rm {} ;", "find:*"],
    ["sed -i s/a/b/ f", "sed:*"],
    ["sed --in-place s/a/b/ f", "sed:*"],
    ["sed -ni p f", "sed:*"],
    ["sed 's/a/b/e' f", "sed:*"],
    ["sed '1e rm x' f", "sed:*"],
    ["sed 'w out' f", "sed:*"],
    ["sed 's/a/b/w out' f", "sed:*"],
    ["sed -e p -e 'e rm' f", "sed:*"],
    ["sed -f script f", "sed:*"],
    ["sed 'p;e' f", "sed:*"],
    ["awk 'BEGIN{system(\"rm x\")}'", "awk:*"],
    ["awk '{print > \"f\"}'", "awk:*"],
    ["awk '{print | \"sh\"}'", "awk:*"],
    ["awk -f x.awk", "awk:*"],
    ["gawk '@load \"x\"'", "gawk:*"],
    ["rg --pre ./x a", "rg:*"],
    ["rg --pre=./x a", "rg:*"],
    ["rg --hostname-bin ./x a", "rg:*"],
    ["sort -o f a", "sort:*"],
    ["sort --o=f a", "sort:*"],
    ["sort -uof a", "sort:*"],
    ["sort --compress-program=./x a", "sort:*"],
    ["tar -tf a --checkpoint=1 --checkpoint-action=exec=x", "tar:*"],
    ["tar --to-command=x -tf a", "tar:*"],
    ["tar -I ./x -tf a", "tar:*"],
    ["tar xf a", "tar:*"],
    ["xargs rm", "xargs:*"],
    ["xargs -n 1 sh -c 'rm \"$1\"' _", "xargs:*"],
    ["uniq a b", "uniq:*"],
    ["git -C /elsewhere status", "git:*"],
    ["git grep -O./x a", "git:*"],
    ["git branch -D x", "git branch:*"],
    ["git config core.pager x", "git config:*"],
    ["man -P ./x ls", "man:*"],
    ["curl -o f https://example.org", "curl:*"],
    ["python3 -c 'import os'", "python3:*"],
    ["node -e 1", "node:*"],
    ["node --eval=1", "node:*"],
    ["perl -e 1", "perl:*"],
    ["env -S 'rm x'", "env:*"],
    ["npm run test --script-shell=./x", "npm run test:*"],
    ["make SHELL=./x", "make:*"],
    ["git diff --output=f", "git diff:*"],
    ["git diff --outp f", "git diff:*"],
    ["git archive --exec=x HEAD", "git archive:*"],
    ["git archive --remo=ext::x HEAD", "git archive:*"],
    ["git archive -o f HEAD", "git archive:*"],
    ["git fetch ext::x", "git fetch:*"],
    ["git clone -u x . d", "git clone:*"],
    ["git clone -c core.x=y . d", "git clone:*"],
    ["git cat-file --filters HEAD:a", "git cat-file:*"],
    ["git difftool -y", "git difftool:*"],
    ["git filter-branch --tree-filter x", "git filter-branch:*"],
    ["git interpret-trailers --in-place f", "git interpret-trailers:*"],
    ["git stash", "git stash:*"],
    ["find . -fls f", "find:*"],
    ["sed 's//x/e' f", "sed:*"],
    ["sed 'w /dev/stdout' f", "sed:*"],
    ["sed --expression=e f", "sed:*"],
    ["sed --exp=e f", "sed:*"],
    ["sed p f -i", "sed:*"],
    ["sed '1~2e x' f", "sed:*"],
    ["gawk -i inplace 1 f", "gawk:*"],
    ["gawk -Oi inplace 1 f", "gawk:*"],
    ["gawk -bE x", "gawk:*"],
    ["gawk -v f=x -cf y", "gawk:*"],
    ["gawk -dfile 1", "gawk:*"],
    ["mawk -We f", "mawk:*"],
    ["sort --compress=x a", "sort:*"],
    ["tar --use-compress-prog=x -tf a", "tar:*"],
    ["tar tf a --checkpoint-act=exec=x", "tar:*"],
    ["tar tf host:a", "tar:*"],
    ["tar -tfhost:a", "tar:*"],
    ["tar tf a --index-file=f", "tar:*"],
    ["xargs -I{} sh -c {}", "xargs:*"],
    ["tee f", "tee:*"],
    ["dd if=a of=b", "dd:*"],
    ["busybox sh", "busybox:*"],
    ["nohup rm x", "nohup:*"],
    ["script -qc x f", "script:*"],
    ["su -c 'rm x'", "su:*"],
    ["runuser -u x rm", "runuser:*"],
    ["shuf -o f", "shuf:*"],
    ["iconv -o f a", "iconv:*"],
    ["split --filter=x f", "split:*"],
    ["curl -d @f https://example.org", "curl:*"],
    ["curl -w '%output{f}' https://example.org", "curl:*"],
    ["curl --unix-socket /run/docker.sock http://x", "curl:*"],
    ["bat --pager=x f", "bat:*"],
    ["npm test -C x", "npm test:*"],
    ["npm test --script-she=x", "npm test:*"],
    ["npm_config_script_shell=x npm test", "npm test:*"],
    ["http_proxy=x npm test", "npm test:*"],
    ["pnpm test --dir=/x", "pnpm test:*"],
    ["node -r./x a.js", "node:*"],
    ["node -i", "node:*"],
    ["node --test --test-reporter-destination=f", "node --test:*"],
    ["node --test --test-reporter=./x", "node --test:*"],
    ["node --env-file=x a.js", "node:*"],
    ["cargo test --manifest-path /x", "cargo test:*"],
    ["go test -coverprofile=f", "go test:*"],
    ["go test -C /x", "go test:*"],
    ["pytest --override-ini=x", "pytest:*"],
    ["pytest -o addopts=x", "pytest:*"],
    ["eslint -f ./x .", "eslint:*"],
    ["prettier --write .", "prettier:*"],
    ["jest -c x", "jest:*"],
    ["ruff check --fix", "ruff check:*"],
    ["sqlite3 f '.shell x'", "sqlite3:*"],
    ["psql -c '\\! x'", "psql:*"],
  ])("%s", (command, specifier) => expect(allows(command, specifier)).toBe(false));
});

describe("a rule that denies is found", () => {
  test.each([
    "rm x",
    "/bin/rm x",
    "\\rm x",
    "r''m x",
    "$'\\x72m' x",
    "true; rm x",
    `${"true && ".repeat(49)}rm x`,
    "if rm x; then :; fi",
    "echo $(rm x)",
    "cat <(rm x)",
    "env A=1 rm x",
    "timeout -k 1 5 rm x",
    "sudo -u root rm x",
    "nohup nice -n 5 rm x",
    "sh -c 'rm x'",
    "bash -ec 'cd a && rm x'",
    "sh -c \"sh -c 'rm x'\"",
    "echo x | xargs -n 1 rm",
    "find . -name x -exec rm {} +",
    "f() { rm x; }; f",
    "time rm x",
    "cat <<EOF\n$(rm x)\nEOF",
    "watch 'rm x'",
    "busybox rm x",
  ])("%j is denied by Bash(rm:*)", (command) => expect(denies(command, "rm:*")).toBe("deny"));

  test.each([
    "$x y",
    "r? x",
    "eval 'rm x'",
    "echo 'rm x' | sh",
    "bash <<<'rm x'",
    "sh < script",
    "x=rm; $x y",
    "alias ls=rm; ls x",
    "python -c 'import os; os.system(\"rm x\")'",
    "source ./x",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    "echo ${x@P}",
    "[[ -v 'a[$(rm x)]' ]]",
    "(( a[0] ))",
    "xargs -a f $y",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    "x='a[$'; y='(rm x)]'; z=$x$y; echo ${!z}",
    "script -qec 'r\\m x' /dev/null",
    "su -c 'r\\m x'",
    "ssh host rm x",
    "echo 'r\\m x' | at now",
    "sudo -nu root rm x",
    "sudo --user root rm x",
    "flock f -c 'rm x'",
    "parallel --jobs 4 rm ::: x",
    "nsenter -t 1 rm x",
    "setarch -R rm x",
    "taskset -c 0 /bin/rm x",
    "systemd-run rm x",
    "hyperfine 'rm x'",
    "docker run image sh -c 'r\\m x'",
    "npm exec -- rm x",
    "uv run rm x",
    "bash -c -- 'rm x'",
    "bash -c -e 'rm x'",
    "bash --rcfile x -ic ls",
    "csh -c 'r\\m x'",
    "fd -x rm",
    "fd . -xrm",
    "git submodule foreach 'r\\m x'",
    "git bisect run r\\m x",
    "git rebase -x 'rm x' HEAD~",
    "git -c alias.x='!r\\m x' x",
    "git -c core.pager='r\\m x' log",
    "sed '1e r\\m x' f",
    "sed 's/x/y/e' f",
    'awk \'BEGIN{system("r" "m x")}\'',
    "tar tf a --checkpoint=1 --checkpoint-action=exec='r\\m x'",
    "rg --pre x y",
    "vim -c ':!r\\m x' f",
    "make SHELL=x",
    "/lib64/ld-linux-x86-64.so.2 /bin/rm x",
    "toybox -- rm x",
  ])("%j may run it, so it is asked about", (command) => {
    expect(denies(command, "rm:*")).toBe("ask");
  });

  test("words behind the program are found between options, and asked about where they may be an option's value", () => {
    expect(denies("git push origin", "git push:*")).toBe("deny");
    expect(denies("git --no-pager push", "git push:*")).toBe("deny");
    expect(denies("git -C x push", "git push:*")).toBe("ask");
    expect(denies("git $x", "git push:*")).toBe("ask");
    expect(denies("git log push", "git push:*")).toBe("ask");
    expect(denies("git log", "git push:*")).toBe("allow");
  });

  test("ordinary commands are not", () => {
    for (const command of [
      "ls -la",
      "npm run build && npm test",
      "git commit -m 'rm x'",
      "echo rm",
      "set -e; cat rm",
      "grep -rn rm src | head",
      "rg 'rm -rf' .",
      "sed -n '/rm /p' f",
      "sed -i 's/one/two/' f",
      "awk '$3 > 5 || $1 { print $2 }' f",
      "git log --grep=rm -- rm",
      "git diff HEAD~1 -- src/rm/index.ts",
      "docker run --rm image",
      "node --test src/rm/a.test.js",
      "tar xzf a.tgz",
      "sort -o f f",
      "make -j4 test",
      "npm run lint:rm-x",
    ]) {
      expect(denies(command, "rm:*"), command).toBe("allow");
    }
  });
});

test("files that a command names are seen from its folder", () => {
  const files = namedFiles(analyzeCommand("cat .env < ~/key > out; dd if=/etc/passwd; grep -f.x --file=y a"), {
    cwd: "/w",
    home: "/home/u",
  });
  expect(files).toEqual(expect.arrayContaining(["/w/.env", "/home/u/key", "/w/out", "/etc/passwd", "/w/.x", "/w/y"]));
});

test("a very long or very deep command is nobody's to look over", () => {
  expect(denies(`echo ${"x".repeat(30_000)}`, "rm:*")).toBe("ask");
  expect(denies(`${"$(".repeat(3000)}rm x${")".repeat(3000)}`, "rm:*")).not.toBe("allow");
  expect(allows(`${"(".repeat(3000)}git log${")".repeat(3000)}`, "git log:*")).toBe(false);
});

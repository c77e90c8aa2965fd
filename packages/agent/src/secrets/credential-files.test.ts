import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { temporaryRepository } from "@bough/test-kit";
import { expect, test } from "vitest";
import { secretsOfFiles, secretsOfText } from "./credential-files.ts";

test.each([
  [".env", "export API_TOKEN='q8wd7f6g5h4j' # mine\nNODE_ENV=development\nPORT=3000", ["q8wd7f6g5h4j"]],
  ["secrets.yaml", "db:\n  password: q8wd7f6g5h4j\n  user: somebody", ["q8wd7f6g5h4j"]],
  ["credentials.json", '{"client_secret": "q8wd7f6g5h4j", "type": "web"}', ["q8wd7f6g5h4j"]],
  ["prod.tfvars", 'db_password = "q8wd7f6g5h4j"', ["q8wd7f6g5h4j"]],
  [".npmrc", "//registry.npmjs.org/:_authToken=q8wd7f6g5h4j", ["q8wd7f6g5h4j"]],
  [".netrc", "machine api.local login me password q8wd7f6g5h4j", ["q8wd7f6g5h4j"]],
  [".git-credentials", "https://me:q8wd7f6g5h4j@github.com", ["q8wd7f6g5h4j"]],
])("%s is read", (file, text, values) => {
  expect([...new Set(secretsOfText(file, text).map(({ value }) => value))]).toEqual(values);
});

test("of a private key each line is secret, and its file names it", () => {
  const line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
  const text = `-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----\n`;
  expect(secretsOfText("id_rsa", text)).toEqual([{ name: "id_rsa", value: line }]);
});

test("credential files are found in folders, and what others' packages hold is left alone", async () => {
  await using repository = await temporaryRepository({
    files: {
      ".env": "A_TOKEN=q8wd7f6g5h41",
      "packages/api/.env.local": "B_TOKEN=q8wd7f6g5h42",
      ".env.example": "C_TOKEN=q8wd7f6g5h43",
      "node_modules/some/.env": "D_TOKEN=q8wd7f6g5h44",
      "notes.txt": "E_TOKEN=q8wd7f6g5h45",
    },
  });
  expect((await secretsOfFiles(repository.path)).map(({ name }) => name)).toEqual(["A_TOKEN", "B_TOKEN"]);
});

test("a FIFO, a large file and a folder that is not there keep nobody waiting", async () => {
  await using repository = await temporaryRepository({
    files: { "b.env": `A_TOKEN=q8wd7f6g5h4j\n${"#".repeat(1_000_000)}\nB_TOKEN=q8wd7f6g5h42` },
  });
  execFileSync("/usr/bin/mkfifo", [join(repository.path, ".env")]);
  expect((await secretsOfFiles(repository.path)).map(({ name }) => name)).toEqual(["A_TOKEN"]);
  expect(await secretsOfFiles(join(repository.path, "nowhere"))).toEqual([]);
});

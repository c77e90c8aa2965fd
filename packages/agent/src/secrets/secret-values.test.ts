import { keyVariables } from "@bough/models";
import { expect, test } from "vitest";
import { secretsOfEnvironment, secretsOfSetting } from "./secret-values.ts";

const valuesOf = (environment: NodeJS.ProcessEnv) => secretsOfEnvironment(environment).map(({ value }) => value);

test("the key variables of all providers are secret", () => {
  for (const name of keyVariables()) expect(valuesOf({ [name]: "k-0123456789abcdef" })).toHaveLength(1);
});

test.each([
  "GH_TOKEN",
  "DB_PASSWORD",
  "NPM_AUTH_TOKEN",
  "apiKey",
  "client.secret",
  "SENTRY_DSN",
  "AWS_SECRET_ACCESS_KEY",
])("%s is the name of a secret", (name) => {
  expect(valuesOf({ [name]: "q8wd7f6g5h4j" })).toEqual(["q8wd7f6g5h4j"]);
});

test.each([
  "PATH_INFO",
  "MONKEY",
  "KEYBOARD",
  "COMPASS",
  "PWD",
  "TOKENIZERS_PARALLELISM",
  "SSH_AUTH_SOCK",
  "PASSENGER_ID",
])("%s is not", (name) => {
  expect(valuesOf({ [name]: "q8wd7f6g5h4j" })).toEqual([]);
});

test.each([
  ["short", "a1b2c3d"],
  ["a truth value", "true"],
  ["a common word", "localhost"],
  ["a usual password", "changeme"],
  ["one word", "productionServer"],
  ["a path", "/home/somebody/keys/app2.json"],
  ["a number", "1234567890"],
  ["a date", "2024-05-17 10:00:00"],
  ["an address", "https://vault.example.org/v1/keys2"],
  ["another variable", "$OTHER_TOKEN_1"],
  ["a placeholder", "<your token 1 here>"],
  ["a filler", "xxxxxxxxxxxx"],
])("a value that is %s is not masked", (_, value) => {
  expect(valuesOf({ API_TOKEN: value })).toEqual([]);
});

test("of a URL the password is secret, whatever the variable is called", () => {
  expect(valuesOf({ DATABASE_URL: "postgres://app:s3cr3tpw!@db.local/app", HTTP_PROXY: "http://proxy:3128" })).toEqual([
    "s3cr3tpw!",
  ]);
});

test("of a value of several lines each is secret", () => {
  const key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\nhkiG9w0BAQEFAASC\n-----END KEY-----";
  expect(valuesOf({ DEPLOY_KEY: key })).toEqual(["MIIEvQIBADANBgkqhkiG", "hkiG9w0BAQEFAASC"]);
});

test("among credentials a long value that nobody would think of is secret, whatever its name", () => {
  expect(secretsOfSetting("hook", "f3a9c07be1d24c5f8a61")).toEqual([{ name: "hook", value: "f3a9c07be1d24c5f8a61" }]);
  expect(secretsOfSetting("region", "eu-central-1")).toEqual([]);
  expect(secretsOfSetting("greeting", "welcome-to-our-application")).toEqual([]);
});

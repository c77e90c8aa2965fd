import { expect, test } from "vitest";
import { findKnownShapes } from "./known-shapes.ts";
import { Masker } from "./masker.ts";

const masker = new Masker([], findKnownShapes);
const long = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3hJ5lM7oP9rS1uV3xY5aB7dE9gH1jK3mN5pQ7sT9vW1yZ3bC5dF7hJ9lM1oP3";

// Put together here, so that no program that looks for keys finds any in this file.
const shapes = [
  ["GITHUB_TOKEN", `ghp_${long.slice(0, 36)}`],
  ["ANTHROPIC_API_KEY", `sk-ant-api03-${long.slice(0, 92)}AA`],
  ["SLACK_TOKEN", `xoxb-123456789012-1234567890123-${long.slice(0, 24)}`],
  ["AWSAccessKeyID", `AKIA${"QRSTUVWXYZ234567"}`],
  ["GOOGLE_API_KEY", `AIza${long.slice(0, 35)}`],
  ["STRIPE_SECRET_KEY_LIVE", `sk_live_${long.slice(0, 24)}`],
  ["JSON_WEB_TOKEN", `eyJ${long.slice(0, 20)}.eyJ${long.slice(0, 30)}.${long.slice(0, 43)}`],
] as const;

test.each(shapes)("%s is known by its shape", (name, key) => {
  expect(masker.mask(`token=${key}, and more`)).toBe(`token=[masked: ${name}], and more`);
});

test("no comment in a text switches the rules off", () => {
  const [name, key] = shapes[0];
  expect(masker.mask(`// secretlint-disable\n${key}`)).toBe(`// secretlint-disable\n[masked: ${name}]`);
});

const body = Array.from({ length: 6 }, () => `MII${long.slice(0, 61)}`);

test.each([
  ["whole", `-----BEGIN RSA PRIVATE KEY-----\n${body.join("\n")}\n-----END RSA PRIVATE KEY-----`],
  [
    "encrypted",
    `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB\n\n${body.join("\n")}`,
  ],
  ["in JSON", `-----BEGIN PRIVATE KEY-----\\n${body.join("\\n")}\\n-----END PRIVATE KEY-----`],
  [
    "with line numbers",
    ["-----BEGIN PRIVATE KEY-----", ...body]
      .map((line, i) => `     ${i + 1}\t${line}`)
      .join("\n")
      .trim(),
  ],
  ["cut short", `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.join("\n")}`],
])("a private key is masked %s", (_, key) => {
  expect(masker.mask(`a\n${key}\n(the rest)`)).toMatch(/^a\n\s*1?\t?\[masked: private key\]\n\(the rest\)$/);
});

test("the line that a private key begins with is none", () => {
  const program = 'if (text.startsWith("-----BEGIN PRIVATE KEY-----\\n")) return parse(text);';
  expect(masker.mask(program)).toBe(program);
});

test.each([
  "commit 1f0c9dffbd9b7c8f2b1f7c9a3e0d4b6a8c2e4f60",
  "integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
  "id 123e4567-e89b-12d3-a456-426614174000",
  "https://user@example.com/path https://example.com:8080/a?b=c",
])("%s stays", (text) => {
  expect(masker.mask(text)).toBe(text);
});

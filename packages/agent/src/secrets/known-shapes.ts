import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import type { SecretLintSourceCode } from "@secretlint/types";
import { findPrivateKeys } from "./private-keys.ts";
import type { Span } from "./spans.ts";

/** Rules that are not for us. */
const LEFT_OUT = new Set([
  // A comment in a text would switch the others off.
  "@secretlint/secretlint-rule-filter-comments",
  // Opens the file that is named; what it finds in a text is a private key.
  "@secretlint/secretlint-rule-gcp",
  // `findPrivateKeys` finds more.
  "@secretlint/secretlint-rule-privatekey",
]);
/** Numbers that name an account open nothing. */
const NO_SECRETS = new Set(["AWSAccountID"]);

/** What secretlint's rules lack. */
const more = [
  // https://cloud.google.com/docs/authentication/api-keys
  { name: "GOOGLE_API_KEY", pattern: /\bAIza[\w-]{35}(?![\w-])/g },
  // RFC 7519: two objects in base64url, and a signature.
  { name: "JSON_WEB_TOKEN", pattern: /\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20,1000}(?![\w-])/g },
];

/** Finds what has the shape of a key or password, wherever it comes from. */
export function findKnownShapes(text: string): Span[] {
  const own = more.flatMap(({ name, pattern }) =>
    Array.from(text.matchAll(pattern), ({ 0: { length }, index }) => ({ start: index, end: index + length, name })),
  );
  return [...findWithSecretlint(text), ...own, ...findPrivateKeys(text)];
}

/**
 * Runs secretlint's rules without its core, which would record each run for good in a profiler. Rules report while
 * they run; those that read files are left out.
 */
function findWithSecretlint(text: string): Span[] {
  const spans: Span[] = [];
  const source = sourceOf(text);
  for (const rule of rules) {
    if (LEFT_OUT.has(rule.meta.id)) continue;
    const handler = rule.create(
      {
        sharedOptions: {},
        createTranslator: () => (messageId, data) => ({ message: "", messageId: String(messageId), data }),
        report({ message: { messageId: name }, range: [start, end] }) {
          if (!NO_SECRETS.has(name)) spans.push({ start, end, name });
        },
        ignore() {},
      },
      { enableIDScanRule: true },
    );
    handler.file?.(source);
  }
  return spans;
}

function sourceOf(content: string): SecretLintSourceCode {
  const nowhere = { line: 1, column: 0 };
  return {
    content,
    contentType: "text",
    filePath: "",
    physicalFilePath: undefined,
    ext: "",
    hasBOM: false,
    getFilePath: () => undefined,
    getPhysicalFilePath: () => undefined,
    indexToPosition: () => nowhere,
    rangeToLocation: () => ({ start: nowhere, end: nowhere }),
    locationToRange: () => [0, 0],
    positionToIndex: () => 0,
  };
}

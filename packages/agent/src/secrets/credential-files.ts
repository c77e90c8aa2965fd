import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { looksLikeCredential } from "@bough/gitstate";
import { linesOfPrivateKeys } from "./private-keys.ts";
import { type Secret, secretsOfSetting } from "./secret-values.ts";

const MOST_FOLDERS = 100;
const MOST_FILES = 50;
const MOST_BYTES = 64 * 1024;
const DEEPEST = 3;

/** Folders that others' files are in. */
const OTHERS = new Set([".git", "node_modules", "vendor", "venv", ".venv", "target", "dist", "build"]);

/**
 * Reads the secrets in the files under a folder whose names say that they hold some. The folders nearest to it are
 * looked into first, and only so many that a large repository costs no more than a small one.
 */
export async function secretsOfFiles(root: string): Promise<Secret[]> {
  const found: Secret[] = [];
  let files = 0;
  const folders = [{ path: "", depth: 0 }];
  for (let index = 0; index < folders.length && index < MOST_FOLDERS; index++) {
    const { path, depth } = folders[index] ?? { path: "", depth: DEEPEST };
    for (const entry of await entriesOf(join(root, path))) {
      const entryPath = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (depth < DEEPEST && !OTHERS.has(entry.name)) folders.push({ path: entryPath, depth: depth + 1 });
      } else if (files < MOST_FILES && looksLikeCredential(entryPath)) {
        files += 1;
        found.push(...secretsOfText(entry.name, await textOf(join(root, entryPath))));
      }
    }
  }
  return found;
}

/** What cannot be read cannot be shown by a tool either. */
async function entriesOf(folder: string) {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}

async function textOf(path: string): Promise<string> {
  try {
    // A FIFO would keep whoever opens it waiting.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const info = await file.stat();
    if (!info.isFile()) return "";
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(info.size, MOST_BYTES)));
    return buffer.toString("utf8", 0, bytesRead);
  } catch {
    return "";
  }
}

const SETTING = /(?:^|[\s"'{,:;])([A-Za-z_][\w.-]*)["']?\s*[=:]\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"',;]+))/g;
const NETRC = /\b(password)\s+(\S+)/g;
const URL_WITH_PASSWORD = /\b[\w+.-]+:\/\/[^\s"']+@[^\s"']+/g;

/** Reads the secrets out of a file of settings, in whatever of the usual forms, or of a key. */
export function secretsOfText(file: string, text: string): Secret[] {
  return [
    ...linesOfPrivateKeys(text).map((value) => ({ name: file, value })),
    ...text
      .split("\n")
      .flatMap((line) => [
        ...Array.from(line.matchAll(SETTING), ([, name = "", double, single, bare]) =>
          secretsOfSetting(name, double ?? single ?? bare ?? ""),
        ).flat(),
        ...Array.from(line.matchAll(NETRC), ([, name = "", value = ""]) => secretsOfSetting(name, value)).flat(),
        ...Array.from(line.matchAll(URL_WITH_PASSWORD), ([url]) => secretsOfSetting(file, url)).flat(),
      ]),
  ];
}

import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { Metafile } from "esbuild";

/** Collects the license of each package that a bundle holds, as those licenses ask of whoever passes them on. */
export function thirdPartyLicenses(root: string, bundle: Metafile): string {
  const folders = new Set(
    Object.keys(bundle.inputs)
      .map(packageFolder)
      .filter((folder) => folder !== undefined),
  );
  return [...folders]
    .sort()
    .map((folder) => entry(join(root, folder)))
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** The folder of the installed package that a bundled file belongs to, if it belongs to one. */
function packageFolder(path: string): string | undefined {
  return /^.*(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path.split(sep).join("/"))?.[0];
}

function entry(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((candidate) => /^(licen[cs]e|copying)/i.test(candidate));
  return `${name} ${version} (${license})\n\n${file === undefined ? "" : readFileSync(join(folder, file), "utf8")}`;
}

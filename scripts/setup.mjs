// Makes node_modules fit the lockfile. Plain JavaScript, because it runs before anything is installed and on
// whatever Node the machine has (20 or later); what it installs brings the Node that runs everything else.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = join(root, "node_modules", ".bough-setup");
const installedNode = join(root, "node_modules", "node", "bin", "node");

const wanted = digest();
if (installed() !== wanted) {
  install();
  mkdirSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(stamp, wanted);
}

function installed() {
  return existsSync(stamp) && existsSync(installedNode) ? readFileSync(stamp, "utf8") : undefined;
}

/** What an installation follows from: the lockfile, the manifests of the workspace, and the platform. */
function digest() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const path of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests()]) {
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)));
  }
  return hash.digest("hex");
}

/** The package.json of the root, of its folders and of theirs: every place the workspace has packages in. */
function manifests() {
  const folders = subfolders("").flatMap((folder) => [folder, ...subfolders(folder)]);
  return ["", ...folders].map((folder) => join(folder, "package.json")).filter((path) => existsSync(join(root, path)));
}

/** @param {string} folder */
function subfolders(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
    .map((entry) => join(folder, entry.name))
    .sort();
}

function install() {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  process.stderr.write(`bough: installing dependencies (${packageManager})\n`);
  rmSync(stamp, { force: true });
  const { error, status, stdout, stderr } = spawnSync(
    "npx",
    ["--yes", packageManager, "install", "--frozen-lockfile"],
    // With CI set, pnpm never stops to ask.
    { cwd: root, encoding: "utf8", env: { ...process.env, CI: "true" }, maxBuffer: Number.POSITIVE_INFINITY },
  );
  if (error !== undefined) fail(`bough: cannot start npx, which comes with Node: ${error.message}`);
  if (status !== 0) fail(`${stdout}${stderr}\n${explain(`${stdout}${stderr}`)}`);
}

/** @param {string} output */
function explain(output) {
  if (/ERR_PNPM_OUTDATED_LOCKFILE/.test(output)) {
    return "bough: pnpm-lock.yaml is older than a package.json. Run `npx pnpm install` and commit the lockfile.";
  }
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT/.test(output)
  ) {
    return (
      "bough: the npm registry cannot be reached, and dependencies have to be installed once.\n" +
      "       Check the network, or the proxy and registry in `npm config list`; then run the same command again."
    );
  }
  return "bough: dependencies could not be installed; the reason is above.";
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

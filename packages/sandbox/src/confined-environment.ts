import type { OwnPlaces } from "./sandbox-options.ts";
import { toolchainVariables } from "./toolchains.ts";

/** The variables of a confined command: folders of settings and caches are those of its own home. */
export function confinedEnvironment(
  environment: Readonly<Record<string, string>>,
  { home, tmp }: OwnPlaces,
): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => !/^XDG_|^TE?MP(DIR)?$/.test(name) && !caches.has(name));
  return { ...toolchainVariables(), ...Object.fromEntries(kept), HOME: home, TMPDIR: tmp };
}

const caches = new Set(
  (
    "BUNDLE_PATH CARGO_HOME COREPACK_HOME DENO_DIR GEM_HOME GOBIN GOCACHE GOMODCACHE GOPATH GRADLE_USER_HOME " +
    "JULIA_DEPOT_PATH NUGET_PACKAGES PIPX_HOME POETRY_HOME STACK_ROOT UV_CACHE_DIR"
  ).split(" "),
);

import { posix } from "node:path";
import { compileGlob } from "@bough/sandbox";

/** Where a rule's paths are looked at from. */
export interface PathPlaces {
  /** The root of the worktree, or of the checkout that stands for it. */
  readonly root: string;
  readonly home: string;
}

/**
 * Compiles a rule's path to a test of absolute paths: `//x` is absolute, `~/x` in the home folder, all others below the
 * root, where a name without a slash is meant in every folder, as in a `.gitignore`. A folder means all that is in it.
 */
export function pathPattern(specifier: string, { root, home }: PathPlaces): (path: string) => boolean {
  const isName = !specifier.replace(/\/+$/, "").includes("/");
  if (isName) {
    const inAnyFolder = compileGlob(`**/${specifier}`);
    const inside = compileGlob(`**/${specifier}/**`);
    return (path) => {
      const relative = below(root, path);
      return relative !== undefined && (inAnyFolder(relative) || inside(relative));
    };
  }
  const [base, rest] = specifier.startsWith("//")
    ? ["/", specifier]
    : specifier.startsWith("~/")
      ? [home, specifier.slice(1)]
      : [root, specifier];
  // It is anchored: a slash in front is what tells the glob so.
  const glob = posix.normalize(`/${rest}`).replace(/\/+$/, "");
  const [matches, isInside] = [compileGlob(glob), compileGlob(`${glob}/**`)];
  return (path) => {
    const relative = below(base, path);
    return relative !== undefined && (matches(relative) || isInside(relative));
  };
}

function below(folder: string, path: string): string | undefined {
  const relative = posix.relative(folder, posix.normalize(path));
  return relative === ".." || relative.startsWith("../") ? undefined : relative;
}

import { isProtected } from "./permissions/protected-files.ts";

const mostNamed = 5;

/**
 * What the user is told when a step that ran commands changed files that steer agents: in the sandbox those of the root can
 * only be read, and of the others nobody was asked. Undefined when there are none.
 */
export function steeringNotice(files: readonly string[], commit: string): string | undefined {
  const steering = files.filter((file) => isProtected(`/${file}`, "/"));
  if (steering.length === 0) return undefined;
  const more = steering.length - mostNamed;
  const named = [...steering.slice(0, mostNamed), ...(more > 0 ? [`${more} more`] : [])].join(", ");
  return `A command changed what decides what agents may do or are told: ${named}. Look at it before you land it: bough show ${commit.slice(0, 9)}`;
}

/** How one thing that bough needs was found. */
export interface Check {
  /** What was looked at. */
  readonly name: string;
  /** `warning`: works, but not as well as it could; `blocked`: something that bough is for does not work. */
  readonly state: "ready" | "warning" | "blocked";
  /** What was found, and unless it is ready the one thing to do about it. */
  readonly message: string;
}

/** All is as it should be. */
export function ready(name: string, message: string): Check {
  return { name, state: "ready", message };
}

/** It works, but not as well as it could. */
export function warning(name: string, message: string): Check {
  return { name, state: "warning", message };
}

/** It does not work. */
export function blocked(name: string, message: string): Check {
  return { name, state: "blocked", message };
}

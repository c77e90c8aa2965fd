import type * as z from "zod";

/** The server refuses a request, with the status and in the words of the provider that it stands for. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;

  constructor(message: string, { status = 400, cause }: { status?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.status = status;
  }
}

/** Throws the refusal unless the condition holds. */
export function demand(condition: unknown, message: string, status?: number): asserts condition {
  if (!condition) throw new Refusal(message, { status });
}

/** Reads a body by its wire's schema, and refuses one that does not fit with the path to what is wrong in it. */
export function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = deepest(result.error.issues);
  throw new Refusal(`${issue.path.join(".") || "body"}: ${issue.message}`);
}

// Of a union the branch that got furthest is the one that was meant.
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const flat = issues.flatMap((issue): z.core.$ZodIssue[] => {
    if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
    return issue.errors.map((branch) => {
      const inner = deepest(branch);
      return { ...inner, path: [...issue.path, ...inner.path] };
    });
  });
  const [first, ...rest] = flat;
  if (!first) throw new Error("A failed parse has an issue.");
  return rest.reduce((best, issue) => (issue.path.length > best.path.length ? issue : best), first);
}

/** Refuses a value in which some string holds half of a surrogate pair, as no provider's parser takes it. */
export function demandWellFormed(value: unknown): void {
  if (typeof value === "string") {
    demand(value.isWellFormed(), "The request body is not valid JSON: no low surrogate in string");
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      demandWellFormed(key);
      demandWellFormed(inner);
    }
  }
}

/** Refuses ids that occur twice. */
export function demandUnique(ids: readonly string[], complaint: (id: string) => string): void {
  const seen = new Set<string>();
  for (const id of ids) {
    demand(!seen.has(id), complaint(id));
    seen.add(id);
  }
}

import * as z from "zod";

/** An error in OpenAI's form, which those that speak its APIs share. */
export function openAiError(status: number, message: string) {
  return { error: { message, type: type(status), param: null, code: code(status, message) } };
}

function type(status: number): string {
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

function code(status: number, message: string): string | null {
  if (/context/.test(message)) return "context_length_exceeded";
  const codes = new Map([
    [401, "invalid_api_key"],
    [404, "model_not_found"],
    [429, "rate_limit_exceeded"],
  ]);
  return codes.get(status) ?? null;
}

/** The text of a call's arguments, which must be a JSON object. */
export const jsonObject = z.string().refine((text) => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}, "Invalid JSON in function call arguments");

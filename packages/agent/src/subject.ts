import type { AssistantBlock, CallBlock } from "@bough/models";

/** Says in a line what a step did: the first sentence of the model's own words, else what its tools were given. */
export function subjectOf(content: readonly AssistantBlock[]): string {
  const said = content.find((block) => block.type === "text" && block.text.trim() !== "");
  if (said?.type === "text") return firstSentence(said.text);
  const calls = content.filter((block) => block.type === "call");
  return calls.length === 0 ? "No answer" : calls.map(describeCall).join(", ");
}

function firstSentence(text: string): string {
  const line = text
    .trim()
    .split("\n")
    .map((candidate) => candidate.replace(/^[#>*\-\s]+/, "").trim())
    .find((candidate) => /\p{Letter}|\p{Number}/u.test(candidate)) ?? text.trim();
  const sentence = /^.+?[.!?:](?=\s|$)/u.exec(line)?.[0] ?? line;
  return sentence.replace(/[.:]$/, "").replaceAll("`", "");
}

function describeCall({ name, input }: CallBlock): string {
  const about = [input["file_path"], input["command"], input["pattern"], input["path"]].find((value) => typeof value === "string");
  return about === undefined ? name : `${name} ${about}`;
}

import type { Message, ResultBlock, UserBlock } from "./model.ts";

/** Beyond it Anthropic takes only pictures of up to 2,000 pixels a side. */
const mostImages = 20;
/** Google takes requests of up to 20 MB, the others larger ones. */
const mostCharacters = 15_000_000;

/** The conversation with its newest pictures; of the older ones that are too many for a request it says so. */
export function withFewImages(messages: readonly Message[]): readonly Message[] {
  const images = messages.flatMap(({ role, content }) => (role === "user" ? content.filter(hasImage) : []));
  const kept = new Set<UserBlock>();
  let characters = 0;
  for (const block of images.toReversed().slice(0, mostImages)) {
    characters += block.image?.data.length ?? 0;
    if (characters > mostCharacters) break;
    kept.add(block);
  }
  if (kept.size === images.length) return messages;
  return messages.map((message) => {
    if (message.role !== "user") return message;
    return { ...message, content: message.content.map((block) => (kept.has(block) ? block : withoutImage(block))) };
  });
}

function hasImage(block: UserBlock): block is ResultBlock {
  return block.type === "result" && block.image !== undefined;
}

function withoutImage(block: UserBlock): UserBlock {
  if (!hasImage(block)) return block;
  const { image, ...rest } = block;
  return { ...rest, text: `${block.text}\n(The picture is not shown again.)`.trim() };
}

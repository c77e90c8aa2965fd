/** Words that open an answer and say nothing of it. */
const pleasantries = [
  "ok|okay|sure|sure thing|of course|certainly|absolutely|definitely|alright|all right|right|right away|got it|i see",
  "understood|great|perfect|excellent|awesome|wonderful|fantastic|nice|good|very good|interesting|thanks|thank you",
  "(?:great|good|nice|excellent) (?:question|catch|point|idea|call|work|news)|(?:sorry|apologies)(?: (?:for|about) .{0,40})?",
  "hm+|ah+|oh|wait|now|well",
].join("|");

/** Sentences that say that something is done or begins, and not what. */
const emptySentences = [
  "yes|yep|yeah|no|nope|done|fixed|finished|ready|completed?|(?:we're |you're )?(?:all )?(?:done|set|good)",
  "(?:it|that|this|everything|the (?:task|work|change|fix|job))(?:'s| is| are| has been)? (?:now )?(?:done|completed?|finished|ready|fixed|good)",
  "(?:it|that|this|everything) works(?: now)?|you(?:'re| are) (?:absolutely |quite |completely )?(?:right|welcome)",
  "happy to help|no problem|my (?:bad|apologies|mistake)|i apologi[sz]e(?: for .{0,40})?",
  "let(?: me|'s) (?:see|check|look|think|go|start|begin)(?: (?:at |about )?(?:this|that|it))?",
  "(?:i'll|i will|let me) (?:help(?: you)?(?: with (?:this|that))?|do (?:this|that|it)|get (?:started|on it))",
  "(?:a |the |key )?(?:summary|overview|changes?|results?|details|answer|conclusion|analysis|plan|notes?|tl;?dr)",
  "summary of (?:the )?changes|changes made|next steps|what (?:i |was )?(?:changed|did|done)|how it works",
  "(?:here|these|this)(?:'s| is| are)? .{0,60}:|.{0,40}\\b(?:as follows|the following(?: [a-z]+){0,2}):",
].join("|");

const opening = new RegExp(`^(?:(?:${pleasantries})(?:\\s*[,.!:;…]+\\s*|\\s[–—-]+\\s|\\s*$))+`, "iu");
const empty = new RegExp(`^(?:${emptySentences})[\\s.!?:;,…]*$`, "iu");

/** Takes the pleasantries off the beginning of a sentence; returns nothing of one that tells nothing. */
export function withoutSmallTalk(sentence: string): string {
  const rest = sentence.replace(opening, "");
  return empty.test(rest.replaceAll("’", "'")) ? "" : rest;
}

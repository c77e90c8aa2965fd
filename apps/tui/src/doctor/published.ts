import { findPublishing, type Repository } from "@bough/gitstate";
import { type Check, ready, warning } from "./check.ts";

/** Whether conversations were pushed, or are with the next push. */
export async function checkPublished(repository: Repository): Promise<Check> {
  const [found] = await findPublishing(repository);
  if (found === undefined) return ready("publishing", "no remote has conversations");
  const { remote, branches, setting } = found;
  if (setting !== undefined) {
    const key = setting.split(" = ")[0];
    return warning(
      "publishing",
      `${setting} pushes conversations to ${remote}. Unless they are meant to be read there: git config --unset-all ${key}`,
    );
  }
  const [first = ""] = branches;
  const which = branches.length === 1 ? first : `${branches.length} sessions, ${first} among them`;
  return warning(
    "publishing",
    `${remote} has ${which}: with \`push --all\` or \`--mirror\` whoever reads ${remote} reads the conversations. ` +
      `Take one back with git push ${remote} --delete ${first}`,
  );
}

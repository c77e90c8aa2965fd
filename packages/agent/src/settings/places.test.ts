import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { promptFolder, trustFile, userSettings } from "./places.ts";

test.each([
  ["unset", {}, homedir()],
  ["relative", { HOME: "/home/ann", XDG_CONFIG_HOME: "conf", XDG_STATE_HOME: "state" }, "/home/ann"],
  ["only the home", { HOME: "/home/ann" }, "/home/ann"],
])("what the user trusts lies in their home and never in the folder they are in, with variables %s", (_, env, home) => {
  expect([userSettings(env), trustFile(env), promptFolder(env)]).toEqual([
    join(home, ".config/bough/settings.json"),
    join(home, ".local/state/bough/trust.json"),
    join(home, ".local/state/bough/prompts"),
  ]);
});

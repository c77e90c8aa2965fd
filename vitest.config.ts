import { defineConfig } from "vitest/config";
import { closingLine } from "./scripts/closing-line.ts";

export default defineConfig({
  test: {
    reporters: ["default", closingLine],
    // Most tests wait for git or for the program.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "units",
          // Many wait for git several times; this is for a machine that is slow and busy.
          testTimeout: 20_000,
          include: [
            "packages/*/src/**/*.test.ts",
            "apps/*/src/**/*.test.ts",
            "tests/kit/src/**/*.test.ts",
            "scripts/**/*.test.ts",
          ],
        },
      },
      {
        test: {
          name: "stories",
          include: ["tests/*.test.ts"],
          globalSetup: "scripts/fresh-build.ts",
          // A story runs the program several times; this is for a machine that is slow and busy.
          testTimeout: 30_000,
        },
      },
    ],
  },
});

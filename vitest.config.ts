import { defineConfig } from "vitest/config";
import { closingLine } from "./scripts/closing-line.ts";

export default defineConfig({
  test: {
    reporters: ["default", closingLine],
    projects: [
      {
        test: {
          name: "units",
          include: [
            "packages/*/src/**/*.test.ts",
            "apps/*/src/**/*.test.ts",
            "tests/kit/src/**/*.test.ts",
            "scripts/**/*.test.ts",
          ],
        },
      },
      { test: { name: "stories", include: ["tests/*.test.ts"], globalSetup: "scripts/fresh-build.ts" } },
    ],
  },
});

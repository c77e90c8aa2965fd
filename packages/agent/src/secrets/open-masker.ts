import { secretsOfFiles } from "./credential-files.ts";
import { Masker } from "./masker.ts";
import { secretsOfEnvironment, secretsOfVariable } from "./secret-values.ts";

/** Where secrets are to be looked for. */
export interface SecretSources {
  readonly environment: NodeJS.ProcessEnv;
  /** Variables that commands are given beside it. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The key that the model is asked with, where it comes from elsewhere. */
  readonly apiKey?: string;
  /** Folders whose credential files are read. */
  readonly folders: readonly string[];
}

/** Looks for secrets as they are now, and resolves to what masks them and all that has the shape of one. */
export async function openMasker({
  environment,
  variables = {},
  apiKey = "",
  folders,
}: SecretSources): Promise<Masker> {
  // The rules weigh more than all else here.
  const [{ findKnownShapes }, ...files] = await Promise.all([
    import("./known-shapes.ts"),
    ...folders.map((folder) => secretsOfFiles(folder)),
  ]);
  return new Masker(
    [
      ...secretsOfVariable("API_KEY", apiKey),
      ...files.flat(),
      ...secretsOfEnvironment(variables),
      ...secretsOfEnvironment(environment),
    ],
    findKnownShapes,
  );
}

/** Where the scripts of a repository's hooks usually are: they are trusted together with its settings. */
export const scriptFolders = [".bough/hooks", ".claude/hooks"];

/**
 * Tells whether some file system would take this one component of a path for `.git`: in any case, under its short
 * Windows name, with what NTFS drops at the end, or with characters in it that HFS+ does not compare.
 */
export function namesDotGit(component: string): boolean {
  // To Windows, and so to WSL's mounts, a backslash ends a component.
  return component.split("\\").some((part) => {
    const [name = ""] = part.replace(/\p{Default_Ignorable_Code_Point}/gu, "").split(":");
    return /^(\.git|git~\d+)[. ]*$/i.test(name);
  });
}

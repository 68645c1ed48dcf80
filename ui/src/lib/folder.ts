/** The folder that a file lies in, as its path has it; empty if the path names none. */
export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return end < 0 ? "" : path.slice(0, end) || path.slice(0, 1);
}

/** Whether a file lies in a folder, however deep. */
export function liesIn(path: string, folder: string): boolean {
  const rest = path.startsWith(folder) ? path.slice(folder.length) : "";
  return rest.startsWith("/") || rest.startsWith("\\") || (/[\\/]$/.test(folder) && rest !== "");
}

/** As little of the end of each path as tells it from the others: "2024", or "Taxes/2024" where another is called so. */
export function shortNames(paths: string[]): Map<string, string> {
  const parts = new Map(paths.map((path) => [path, path.split(/[\\/]/).filter(Boolean)]));
  const tail = (path: string, length: number) => (parts.get(path) ?? []).slice(-length).join(path.includes("\\") ? "\\" : "/") || path;
  const names = new Map(paths.map((path) => [path, tail(path, 1)]));
  for (let length = 2; ; length += 1) {
    const seen = new Map<string, string[]>();
    for (const [path, name] of names) seen.set(name, [...(seen.get(name) ?? []), path]);
    // A path that has no more parts is as long as it gets.
    const alike = [...seen.values()].filter((same) => same.length > 1).flat().filter((path) => (parts.get(path)?.length ?? 0) >= length);
    if (alike.length === 0) return names;
    for (const path of alike) names.set(path, tail(path, length));
  }
}

/** Files and folders on the clipboard, as file managers put them there or as written paths; none if it holds other text. */
export function pastedPaths(data: DataTransfer | null): string[] {
  const uris = data?.getData("text/uri-list") ?? "";
  const text = uris.trim() || (data?.getData("text/plain") ?? "");
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  const paths = lines.map(pathOf);
  return paths.every((path) => path !== null) ? paths : [];
}

function pathOf(line: string): string | null {
  if (/^(\/[^/]|[a-z]:[\\/]|\\\\\w)/i.test(line)) return line;
  try {
    const url = new URL(line);
    const path = url.protocol === "file:" ? decodeURIComponent(url.pathname) : null;
    // "/C:/a" of a Windows file.
    return path?.replace(/^\/(?=[a-z]:\/)/i, "") ?? null;
  } catch {
    return null;
  }
}

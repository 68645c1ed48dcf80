/** What `localStorage` holds under `key`; an empty object where it holds nothing that can be read. */
export function stored<T extends object>(key: string): Partial<T> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Keeps a value for the next start. */
export function store(key: string, value: object): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Private storage may be refused or full; then the value lasts as long as the window.
  }
}

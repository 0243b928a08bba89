/** A short list kept on the device for the comfort of a reload. Losing it loses no answer. */
export class Kept<T> {
  constructor(private readonly key: string) {}

  read(): T[] {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.key) ?? "[]");
      return Array.isArray(kept) ? (kept as T[]) : [];
    } catch {
      return [];
    }
  }

  write(entries: T[]): void {
    try {
      localStorage.setItem(this.key, JSON.stringify(entries));
    } catch {
      // No room or no permission: it then ends with the page.
    }
  }
}

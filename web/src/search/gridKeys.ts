export type HitAction = "good" | "bad" | "like";

/** Where an arrow key, Home or End leads from a tile, or null for other keys. The ends do not wrap. */
export function moved(index: number, key: string, columns: number, count: number): number | null {
  const to = (target: number) => (target >= 0 && target < count ? target : index);
  switch (key) {
    case "ArrowRight":
      return to(index + 1);
    case "ArrowLeft":
      return to(index - 1);
    case "ArrowDown":
      return to(index + columns);
    case "ArrowUp":
      return to(index - columns);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

/** What a key does to the tile that has the focus, or null. */
export function hitAction(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey">): HitAction | null {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  switch (event.key.toLowerCase()) {
    case "g":
    case "+":
      return "good";
    case "b":
    case "-":
      return "bad";
    case "m":
      return "like";
    default:
      return null;
  }
}

import type { Direction } from "./gesture";

export type KeyAction = { kind: "swipe"; direction: Direction } | { kind: "positive" } | { kind: "negative" } | { kind: "undo" } | { kind: "class"; index: number };

/** What a key means on the labeling page, or null. Keys with Ctrl, Alt or Meta belong to the browser, Ctrl+Z excepted. */
export function keyAction(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey">): KeyAction | null {
  if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) return { kind: "undo" };
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  if (/^[1-9]$/.test(event.key)) return { kind: "class", index: Number(event.key) - 1 };
  switch (event.key) {
    case "ArrowRight":
      return { kind: "swipe", direction: "right" };
    case "ArrowLeft":
      return { kind: "swipe", direction: "left" };
    case "ArrowDown":
    case " ":
      return { kind: "swipe", direction: "down" };
    case "a":
    case "A":
      return { kind: "positive" };
    case "x":
    case "X":
      return { kind: "negative" };
    case "Backspace":
      return { kind: "undo" };
    default:
      return null;
  }
}

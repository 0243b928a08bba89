import type { Direction } from "./gesture";

export type KeyAction = { kind: "swipe"; direction: Direction } | { kind: "class"; index: number } | { kind: "unsure" } | { kind: "undo" } | { kind: "digit"; index: number } | { kind: "find" };

/** What a key means on the labeling page, or null. Keys with Ctrl, Alt or Meta belong to the browser, Ctrl+Z excepted. */
export function keyAction(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey">): KeyAction | null {
  if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) return { kind: "undo" };
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  // As on the keyboard: 1 to 9, then 0 for the tenth.
  if (/^[0-9]$/.test(event.key)) return { kind: "digit", index: (Number(event.key) + 9) % 10 };
  switch (event.key) {
    case "ArrowRight":
      return { kind: "swipe", direction: "right" };
    case "ArrowLeft":
      return { kind: "swipe", direction: "left" };
    case "ArrowDown":
      return { kind: "swipe", direction: "down" };
    case " ":
      return { kind: "unsure" };
    case "a":
    case "A":
      return { kind: "class", index: 0 };
    case "x":
    case "X":
      return { kind: "class", index: 1 };
    case "/":
      return { kind: "find" };
    case "Backspace":
      return { kind: "undo" };
    default:
      return null;
  }
}

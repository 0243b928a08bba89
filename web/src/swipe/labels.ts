import { texts } from "../texts";

/** How a class is called on buttons and cards. */
export function label(name: string): string {
  return name === "yes" ? texts.yes : name === "no" ? texts.no : name;
}

/** A button that took the focus on a click would swallow the next space key. */
export const keepFocus = (event: Event) => event.preventDefault();

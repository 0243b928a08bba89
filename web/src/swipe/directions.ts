import type { Direction } from "./gesture";

/** What a swipe says: the class of that index, "cannot tell", or nothing. */
export type Meaning = number | "unsure" | "none";

export type Directions = Record<Direction, Meaning>;

export const directionNames: readonly Direction[] = ["right", "left", "down"];

/** Yes/no tasks: right the first class, left the second. With more classes there is no natural side, so only down has a meaning. */
export function usualDirections(classes: readonly string[]): Directions {
  return classes.length === 2 ? { right: 0, left: 1, down: "unsure" } : { right: "none", left: "none", down: "unsure" };
}

/** Gives a direction another meaning. Two directions never mean the same: the one that had it before gets this one's old meaning. */
export function assign(directions: Directions, direction: Direction, meaning: Meaning): Directions {
  const next = { ...directions, [direction]: meaning };
  if (meaning === "none") return next;
  for (const other of directionNames) if (other !== direction && directions[other] === meaning) next[other] = directions[direction];
  return next;
}

/** Kept directions may be from a task with more classes, or from a hand: anything unknown gives the usual ones. */
export function checked(kept: Partial<Directions> | undefined, classes: readonly string[]): Directions {
  const known = (meaning: Meaning | undefined) =>
    meaning === "unsure" || meaning === "none" || (typeof meaning === "number" && Number.isInteger(meaning) && meaning >= 0 && meaning < classes.length);
  return kept && directionNames.every((name) => known(kept[name])) ? (kept as Directions) : usualDirections(classes);
}

/** Under which name a task's directions are kept: yes/no tasks share theirs, others have their own. */
export function directionsKey(task: { name: string; classes: readonly string[] }): string {
  return task.classes.length === 2 ? "two" : `task/${task.name}`;
}

/** What is marked on a page of thumbnails. Pure. */

/** A class of the task, or null for unsure. */
export type Mark = string | null;

export type Marks = ReadonlyMap<string, Mark>;

/** What a confirmed page says about pictures that nobody marked: a class, or "open" to leave them unanswered. */
export type Rest = { kind: "class"; value: string } | { kind: "open" };

/** Yes/no tasks: what is not marked is a no, as most of a page is. With more classes an unmarked picture may be anything. */
export function usualRest(classes: readonly string[]): Rest {
  return classes.length === 2 ? { kind: "class", value: classes[1]! } : { kind: "open" };
}

/** What one stroke does to all that it covers: takes marks of the brush away when it began on one, else puts the brush's. */
export function strokeOf(marks: Marks, first: string, brush: Mark): "mark" | "clear" {
  return marks.has(first) && marks.get(first) === brush ? "clear" : "mark";
}

export function paint(marks: Marks, ids: readonly string[], stroke: "mark" | "clear", brush: Mark): Map<string, Mark> {
  const next = new Map(marks);
  for (const id of ids)
    if (stroke === "mark") next.set(id, brush);
    else next.delete(id);
  return next;
}

/** The answer to each picture of a page, in its order; those left open are not in it. */
export function answers<T extends { imageId: string }>(page: readonly T[], marks: Marks, rest: Rest): { item: T; value: Mark }[] {
  const given: { item: T; value: Mark }[] = [];
  for (const item of page) {
    const mark = marks.get(item.imageId);
    if (mark !== undefined) given.push({ item, value: mark });
    else if (rest.kind === "class") given.push({ item, value: rest.value });
  }
  return given;
}

/** How many of each answer, in the classes' order, unsure last; none that does not occur. */
export function counts(given: readonly { value: Mark }[], classes: readonly string[]): { value: Mark; count: number }[] {
  return [...classes, null]
    .map((value) => ({ value, count: given.filter((entry) => entry.value === value).length }))
    .filter((entry) => entry.count > 0);
}

/** The marks of a page that was confirmed and taken back. */
export function marksOf(given: readonly { item: { imageId: string }; value: Mark }[], rest: Rest): Map<string, Mark> {
  return new Map(given.filter(({ value }) => rest.kind === "open" || value !== rest.value).map(({ item, value }) => [item.imageId, value]));
}

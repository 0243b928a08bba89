import { expect, test } from "vitest";
import { block, gap, layOut, mostTiles, run, tileAt } from "../src/grid/layout";
import { answers, counts, marksOf, paint, strokeOf, usualRest } from "../src/grid/marks";
import { matching } from "../src/swipe/classes";

test("tiles fit the screen at every size, and never more than the server hands out", () => {
  for (let width = 280; width <= 2600; width += 37)
    for (let height = 120; height <= 1600; height += 53)
      for (const target of [80, 120, 260]) {
        const { columns, rows, tile } = layOut(width, height, target);
        expect(columns * (tile + gap) - gap).toBeLessThanOrEqual(width);
        expect(rows * (tile + gap) - gap).toBeLessThanOrEqual(Math.max(height, tile));
        expect(columns * rows).toBeLessThanOrEqual(mostTiles);
        expect(tile).toBeGreaterThanOrEqual(24);
      }
});

test("a phone shows three columns of fingertip size", () => {
  expect(layOut(380, 520, 120)).toEqual({ columns: 3, rows: 4, tile: 122 });
});

test("a point belongs to its tile, and beside the tiles to the nearest", () => {
  const layout = { columns: 3, rows: 4, tile: 100 };
  expect(tileAt(50, 50, layout, 12)).toBe(0);
  expect(tileAt(150, 50, layout, 12)).toBe(1);
  expect(tileAt(50, 150, layout, 12)).toBe(3);
  expect(tileAt(-40, -40, layout, 12)).toBe(0);
  expect(tileAt(900, 900, layout, 12)).toBe(11);
  expect(tileAt(900, 900, layout, 5)).toBe(4);
  expect(tileAt(50, 50, layout, 0)).toBeNull();
});

test("a drag covers the rectangle between two tiles, shift-click the run", () => {
  expect(block(1, 5, 3, 12)).toEqual([1, 2, 4, 5]);
  expect(block(5, 1, 3, 12)).toEqual([1, 2, 4, 5]);
  expect(block(0, 7, 3, 7)).toEqual([0, 1, 3, 4, 6]);
  expect(run(5, 2)).toEqual([2, 3, 4, 5]);
});

test("a stroke that begins on a mark of its brush clears, any other marks", () => {
  const marks = new Map<string, string | null>([
    ["a", "yes"],
    ["b", null],
  ]);
  expect(strokeOf(marks, "a", "yes")).toBe("clear");
  expect(strokeOf(marks, "b", "yes")).toBe("mark");
  expect(strokeOf(marks, "b", null)).toBe("clear");
  expect(strokeOf(marks, "c", null)).toBe("mark");
  expect([...paint(marks, ["b", "c"], "mark", "yes")]).toEqual([["a", "yes"], ["b", "yes"], ["c", "yes"]]);
  expect([...paint(marks, ["a"], "clear", "yes")]).toEqual([["b", null]]);
});

test("a confirmed page answers the unmarked ones only where that was chosen", () => {
  const page = [{ imageId: "a" }, { imageId: "b" }, { imageId: "c" }];
  const marks = new Map<string, string | null>([
    ["a", "yes"],
    ["c", null],
  ]);
  const rest = usualRest(["yes", "no"]);
  const given = answers(page, marks, rest);
  expect(given.map(({ value }) => value)).toEqual(["yes", "no", null]);
  expect(counts(given, ["yes", "no"])).toEqual([{ value: "yes", count: 1 }, { value: "no", count: 1 }, { value: null, count: 1 }]);
  expect(marksOf(given, rest)).toEqual(marks);
  expect(answers(page, marks, usualRest(["a", "b", "c"])).map(({ item }) => item.imageId)).toEqual(["a", "c"]);
});

test("typing narrows a list of classes, beginnings first", () => {
  const classes = ["open water", "Water", "forest"];
  expect(matching(classes, "")).toEqual(classes);
  expect(matching(classes, " wat")).toEqual(["Water", "open water"]);
  expect(matching(classes, "x")).toEqual([]);
});

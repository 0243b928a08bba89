import { expect, test } from "vitest";
import { assign, checked, directionsKey, usualDirections } from "../src/swipe/directions";

test("yes/no tasks have a side for each answer, others only one for unsure", () => {
  expect(usualDirections(["yes", "no"])).toEqual({ right: 0, left: 1, down: "unsure" });
  expect(usualDirections(["a", "b", "c"])).toEqual({ right: "none", left: "none", down: "unsure" });
});

test("two directions never mean the same", () => {
  const usual = usualDirections(["yes", "no"]);
  expect(assign(usual, "left", 0)).toEqual({ right: 1, left: 0, down: "unsure" });
  expect(assign(usual, "right", "unsure")).toEqual({ right: "unsure", left: 1, down: 0 });
  expect(assign(assign(usual, "left", "none"), "down", "none")).toEqual({ right: 0, left: "none", down: "none" });
});

test("kept directions that the task does not know give the usual ones", () => {
  const kept = { right: 2, left: 0, down: "unsure" } as const;
  expect(checked(kept, ["a", "b", "c"])).toEqual(kept);
  expect(checked(kept, ["yes", "no"])).toEqual(usualDirections(["yes", "no"]));
  expect(checked({ right: 0 }, ["yes", "no"])).toEqual(usualDirections(["yes", "no"]));
  expect(checked(undefined, ["yes", "no"])).toEqual(usualDirections(["yes", "no"]));
});

test("yes/no tasks share their directions, others keep their own", () => {
  expect(directionsKey({ name: "island", classes: ["yes", "no"] })).toBe(directionsKey({ name: "fire", classes: ["fire", "none"] }));
  expect(directionsKey({ name: "kind", classes: ["a", "b", "c"] })).toBe("task/kind");
});

import { expect, test } from "vitest";
import { keyAction } from "../src/swipe/keys";
import { activeTime, perMinute } from "../src/swipe/pace";

const press = (key: string, modifiers = {}) => keyAction({ key, ctrlKey: false, altKey: false, metaKey: false, ...modifiers });

test("keys mean what the help says", () => {
  expect(press("ArrowRight")).toEqual({ kind: "swipe", direction: "right" });
  expect(press(" ")).toEqual({ kind: "swipe", direction: "down" });
  expect(press("a")).toEqual({ kind: "positive" });
  expect(press("x")).toEqual({ kind: "negative" });
  expect(press("Backspace")).toEqual({ kind: "undo" });
  expect(press("3")).toEqual({ kind: "class", index: 2 });
});

test("the browser's own shortcuts stay its own", () => {
  expect(press("a", { ctrlKey: true })).toBeNull();
  expect(press("ArrowLeft", { altKey: true })).toBeNull();
  expect(press("z", { ctrlKey: true })).toEqual({ kind: "undo" });
  expect(press("z")).toBeNull();
});

test("the pace leaves breaks out", () => {
  const times = [0, 2_000, 4_000, 600_000, 602_000, 604_000];
  expect(activeTime(times)).toBe(8_000);
  expect(perMinute(times)).toBe(30);
  expect(perMinute([0, 1, 2])).toBeNull();
});

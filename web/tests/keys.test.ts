import { expect, test } from "vitest";
import { keyAction } from "../src/swipe/keys";
import { activeTime, perMinute } from "../src/swipe/pace";

const press = (key: string, modifiers = {}) => keyAction({ key, ctrlKey: false, altKey: false, metaKey: false, ...modifiers });

test("keys mean what the help says", () => {
  expect(press("ArrowRight")).toEqual({ kind: "swipe", direction: "right" });
  expect(press("ArrowDown")).toEqual({ kind: "swipe", direction: "down" });
  expect(press(" ")).toEqual({ kind: "unsure" });
  expect(press("a")).toEqual({ kind: "class", index: 0 });
  expect(press("x")).toEqual({ kind: "class", index: 1 });
  expect(press("Backspace")).toEqual({ kind: "undo" });
  expect(press("3")).toEqual({ kind: "digit", index: 2 });
  expect(press("0")).toEqual({ kind: "digit", index: 9 });
  expect(press("/")).toEqual({ kind: "find" });
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

import { expect, test } from "vitest";
import { line, type Pace, seen } from "../src/live/live";
import { shownName } from "../src/ui/person";

test("the pace keeps ten minutes, newest last", () => {
  let paces: Pace[] = [];
  for (let minute = 0; minute <= 15; minute++) paces = seen(paces, minute, minute * 60_000);
  expect(paces[0]!.perMinute).toBe(6);
  expect(paces.at(-1)!.perMinute).toBe(15);
});

test("a pace is drawn as steps to the right edge", () => {
  expect(line([], 0)).toBe("");
  expect(line([{ at: 0, perMinute: 0 }, { at: 300_000, perMinute: 10 }], 600_000)).toBe("M0.00 29.00H50.00V2.00H100");
});

test("people are shown by their own name, and told apart only where two have one name", () => {
  expect(shownName("Ada~1f2e3d")).toBe("Ada");
  expect(shownName("Ada~1f2e3d", ["Ada~1f2e3d", "Bo~000000"])).toBe("Ada");
  expect(shownName("Ada~1f2e3d", ["Ada~1f2e3d", "Ada~000000"])).toBe("Ada (1f2e3d)");
  expect(shownName("import")).toBe("import");
  expect(shownName("a~b~1f2e3d")).toBe("a~b");
});

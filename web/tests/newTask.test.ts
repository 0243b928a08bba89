import { describe, expect, it } from "vitest";
import { freeName, readClasses } from "../src/tasks/newTask";

describe("a new task", () => {
  it("reads classes from lines and commas, without blanks and doubles", () => {
    expect(readClasses(" island \nreef, cloud,,\n island")).toEqual(["island", "reef", "cloud"]);
    expect(readClasses(" \n,")).toEqual([]);
  });

  it("takes the first free name", () => {
    expect(freeName("storm", ["fire"])).toBe("storm");
    expect(freeName("storm", ["storm", "storm-2"])).toBe("storm-3");
  });
});

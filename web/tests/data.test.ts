import { describe, expect, it } from "vitest";
import { bytes, number, words } from "../src/data/format";

describe("sizes", () => {
  it("have the unit that leaves at most three digits", () => {
    expect([0, 999, 1000, 1_440_000, 999_600, 12_345_678_901].map(bytes)).toEqual(["0 B", "999 B", "1.0 KB", "1.4 MB", "1.0 MB", "12.3 GB"]);
  });
});

describe("metrics", () => {
  it("show what matters", () => {
    expect([3, 1234567, 0.123456, 123.456, 1e-7].map(number)).toEqual(["3", "1,234,567", "0.123", "123", "1e-7"]);
  });

  it("are named in words", () => {
    expect(["knnAccuracy", "images_per_second", "batch-size"].map(words)).toEqual(["knn accuracy", "images per second", "batch size"]);
  });
});

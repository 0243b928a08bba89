import { describe, expect, it } from "vitest";
import { finished, positives, quality, scoreOf } from "../src/rounds/curves";
import { niceStep, time } from "../src/rounds/format";
import type { Round, RoundMetrics } from "../src/rounds/roundsApi";

const interval = (value: number) => ({ value, low: value - 0.1, high: value + 0.05 });
const metrics = (labels: number, more: Partial<RoundMetrics> = {}): RoundMetrics => ({
  labels,
  unsure: 0,
  positives: labels / 2,
  newPositives: 1,
  images: 100,
  threshold: 0.5,
  estimate: { f1: interval(0.8), precision: interval(0.7), recall: interval(0.9), positives: interval(40) },
  exact: null,
  ...more,
});
const round = (number: number, of: RoundMetrics | null): Round => ({ number, state: of ? "done" : "labeling", asked: 10, metrics: of });

describe("curves", () => {
  it("leave out rounds that are under way and numbers written by a hand", () => {
    const odd = round(1, {} as RoundMetrics);
    expect(finished([round(0, metrics(10)), odd, round(2, null)]).map((one) => one.number)).toEqual([0]);
  });

  it("show an estimate with its interval", () => {
    const [f1] = quality(finished([round(0, metrics(10))]));
    expect(f1?.points).toEqual([{ x: 10, y: 0.8, low: 0.8 - 0.1, high: 0.8 + 0.05 }]);
  });

  it("prefer the truth, which has no interval", () => {
    const [one] = finished([round(0, metrics(10, { exact: { f1: 0.5, precision: 1, recall: 1 / 3 } }))]);
    expect(scoreOf(one!, "f1")).toEqual({ value: 0.5 });
  });

  it("have no quality before there is a head, but finds", () => {
    const rounds = finished([round(0, metrics(10, { estimate: null }))]);
    expect(quality(rounds)).toEqual([]);
    expect(positives(rounds)[0]?.points).toEqual([{ x: 10, y: 5 }]);
  });
});

describe("numbers", () => {
  it("are stepped by 1, 2 or 5", () => {
    expect([1, 7, 60, 851, 100_000].map((most) => niceStep(most, 5))).toEqual([0.2, 2, 20, 200, 20_000]);
    expect(niceStep(0, 5)).toBe(1);
  });

  it("of time are in minutes, then hours", () => {
    expect([0.5, 12.4, 171].map(time)).toEqual(["0.5 min", "12 min", "2.9 h"]);
  });
});

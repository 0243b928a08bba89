import { expect, test } from "vitest";
import { Answered } from "../src/swipe/answered";

test("a picture whose answer is on its way does not come again", () => {
  const answered = new Answered();
  const before = answered.ask();
  answered.add("1-0");
  expect(answered.covers("1-0", before)).toBe(true);
  expect(answered.covers("1-0", answered.ask())).toBe(true);
  expect(answered.covers("1-1", before)).toBe(false);
});

test("a request that was sent before the server had the answer cannot bring the picture back, a later one can", () => {
  const answered = new Answered();
  answered.add("1-0");
  const early = answered.ask();
  answered.settle(["1-0"]);
  expect(answered.covers("1-0", early)).toBe(true);
  expect(answered.covers("1-0", answered.ask())).toBe(false);
});

test("an answer taken back, or given again, counts as such", () => {
  const answered = new Answered();
  answered.add("1-0");
  answered.settle(["1-0"]);
  const request = answered.ask();
  answered.add("1-0");
  expect(answered.covers("1-0", request)).toBe(true);
  answered.delete("1-0");
  answered.settle(["1-0"]);
  expect(answered.covers("1-0", request)).toBe(false);
});

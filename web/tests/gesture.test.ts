import { expect, test } from "vitest";
import { decide, lean, pan, speed, wholePicture, zoom } from "../src/swipe/gesture";

const card = { width: 400, height: 400 };

test("a long drag answers in its direction", () => {
  expect(decide(120, 10, 0, 0, card)).toBe("right");
  expect(decide(-120, 10, 0, 0, card)).toBe("left");
  expect(decide(10, 90, 0, 0, card)).toBe("down");
});

test("a short drag answers only when it was flicked", () => {
  expect(decide(50, 0, 0.1, 0, card)).toBeNull();
  expect(decide(50, 0, 0.8, 0, card)).toBe("right");
  expect(decide(-50, 0, -0.8, 0, card)).toBe("left");
  expect(decide(0, 50, 0, 0.8, card)).toBe("down");
});

test("a drag that is on its way back answers nothing", () => {
  expect(decide(120, 0, -0.8, 0, card)).toBeNull();
  expect(decide(0, 120, 0, -0.8, card)).toBeNull();
});

test("up is no answer, however far", () => {
  expect(decide(0, -300, 0, -2, card)).toBeNull();
  expect(lean(0, -300, card)).toEqual({ direction: null, share: 0 });
});

test("the lean grows to one exactly where the answer counts", () => {
  expect(lean(104, 0, card)).toEqual({ direction: "right", share: 1 });
  expect(lean(-52, 0, card)).toEqual({ direction: "left", share: 0.5 });
});

test("speed is that of the last 80 milliseconds", () => {
  const trail = [0, 100, 200, 240, 280].map((at) => ({ x: at < 200 ? 0 : at - 200, y: 0, at }));
  expect(speed(trail).vx).toBeCloseTo(1);
  expect(speed([])).toEqual({ vx: 0, vy: 0 });
});

test("zooming keeps the point under the finger and never shows a margin", () => {
  const close = zoom(wholePicture, 2, 100, -50, card);
  expect(close).toEqual({ scale: 2, x: -100, y: 50 });
  expect(zoom(close, 0.1, 0, 0, card)).toEqual(wholePicture);
  expect(zoom(close, 100, 0, 0, card).scale).toBe(8);
  expect(pan(close, 10_000, -10_000, card)).toEqual({ scale: 2, x: 200, y: -200 });
  expect(pan(wholePicture, 50, 50, card)).toEqual(wholePicture);
});

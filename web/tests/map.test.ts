import { expect, test } from "vitest";
import { categoryColour, palette, scaleColour } from "../src/map/colours";
import { PointGrid } from "../src/map/pointGrid";
import { decodeColumn, decodePoints, idOf, none, type Points, pointOf } from "../src/map/points";
import { extentOf, fitted, mapX, mapY, panned, screenX, screenY, zoomed } from "../src/map/view";

/** As the server's MapTests have it. */
function encoded(): ArrayBuffer {
  const buffer = new ArrayBuffer(28 + 16 + 8 * 5 + 7);
  const view = new DataView(buffer);
  for (const [i, letter] of [..."CMAP"].entries()) view.setUint8(i, letter.charCodeAt(0));
  for (const [at, value] of [[4, 1], [8, 5], [12, 2], [28, 3], [32, 4], [36, 7], [40, 1]] as const) view.setInt32(at, value, true);
  const columns = [10, 20, 30, 40, 50, 1, 2, 3, 4, 5, 0, 1, 0, 1, 2, 0, none, 0, 0, 0];
  for (const [i, value] of columns.entries()) view.setUint16(44 + 2 * i, value, true);
  new Uint8Array(buffer, 84).set([0, 1, 0, 0x80 | 11, 3, 5]);
  return buffer;
}

function random(count: number): Points {
  let state = 1;
  const next = () => (state = (state * 48_271) % 2_147_483_647) % 65_536;
  const column = () => Uint16Array.from({ length: count }, next);
  return { count, x: column(), y: column(), clusters: column(), groups: column(), partitions: [{ number: 1, first: 0 }], rows: Uint32Array.from({ length: count }, (_, i) => i) };
}

test("points are read as they were written, rows that were skipped too", () => {
  const points = decodePoints(encoded());
  expect([...points.x]).toEqual([10, 20, 30, 40, 50]);
  expect([...points.y]).toEqual([1, 2, 3, 4, 5]);
  expect([...points.clusters]).toEqual([0, 1, 0, 1, 2]);
  expect([...points.groups]).toEqual([0, none, 0, 0, 0]);
  const ids = [0, 1, 2, 3, 4].map((point) => idOf(points, point));
  expect(ids).toEqual(["3-0", "3-2", "3-3", "3-399", "7-5"]);
  for (const [point, id] of ids.entries()) expect(pointOf(points, id)).toBe(point);
  for (const absent of ["3-1", "3-400", "7-0", "9-0"]) expect(pointOf(points, absent)).toBe(-1);
  expect(() => decodePoints(new ArrayBuffer(40))).toThrow();
});

test("a column has its legend and a value a point", () => {
  const text = new TextEncoder().encode('{"names":["yes"]}');
  const buffer = new ArrayBuffer(4 + 20 + 4);
  new DataView(buffer).setInt32(0, text.length, true);
  new Uint8Array(buffer, 4, 20).fill(32).set(text);
  new Uint16Array(buffer, 24).set([0, none]);
  const column = decodeColumn(buffer);
  expect("names" in column && column.names).toEqual(["yes"]);
  expect([...column.values]).toEqual([0, none]);
});

test("the grid finds what a look at all points finds", () => {
  const points = random(5000);
  const grid = new PointGrid(points);
  const odd = (point: number) => point % 2 === 1;
  for (let i = 0; i < 200; i++) {
    const [x, y, radius] = [points.x[i]! + 7, points.y[4999 - i]!, 50 + i * 40];
    let best = -1;
    let least = radius * radius;
    for (let p = 0; p < points.count; p++) {
      const distance = (points.x[p]! - x) ** 2 + (points.y[p]! - y) ** 2;
      if (odd(p) && distance <= least) [best, least] = [p, distance];
    }
    const found = grid.nearest(x, y, radius, odd);
    expect(found < 0 ? -1 : (points.x[found]! - x) ** 2 + (points.y[found]! - y) ** 2).toBe(best < 0 ? -1 : least);
  }
  const box = [10_000, 20_000, 30_000, 20_000, 30_000, 50_000, 10_000, 50_000];
  const expected = Array.from({ length: 5000 }, (_, p) => p).filter((p) => points.x[p]! > 10_000 && points.x[p]! < 30_000 && points.y[p]! > 20_000 && points.y[p]! < 50_000);
  expect(grid.inside(box, () => true)).toEqual(expected);
  // A line that crosses itself: the middle of a bow tie is outside of neither half, what lies beside is.
  const bow = [0, 0, 65_535, 65_535, 65_535, 0, 0, 65_535];
  for (const p of grid.inside(bow, () => true)) expect((points.y[p]! - points.x[p]!) * (points.y[p]! - (65_535 - points.x[p]!)) <= 0).toBe(true);
});

test("screen and map are each other's inverse, and zooming keeps what is under the finger", () => {
  let view = fitted(800, 600);
  expect(screenY(view, 65_535)).toBeCloseTo(28);
  view = panned(zoomed(view, 7, 200, 150), 33, -21);
  for (const [x, y] of [[0, 0], [1234, 60_000], [65_535, 5]] as const) {
    expect(mapX(view, screenX(view, x))).toBeCloseTo(x);
    expect(mapY(view, screenY(view, y))).toBeCloseTo(y);
  }
  const under = mapX(view, 500);
  expect(mapX(zoomed(view, 1.7, 500, 90), 500)).toBeCloseTo(under);
  let far = view;
  for (let i = 0; i < 50; i++) far = panned(zoomed(far, 0.3, 0, 0), 5000, 5000);
  expect(far.scale).toBeGreaterThan(0.004);
  expect(far.x).toBeGreaterThanOrEqual(0);
  for (let i = 0; i < 50; i++) far = zoomed(far, 3, 0, 0);
  expect(far.scale).toBe(4);
});

test("a map that is broader than high fills the screen's width and lies in its middle", () => {
  const extent = extentOf({ ...random(0), count: 3, x: Uint16Array.of(0, 65_535, 30_000), y: Uint16Array.of(7000, 9000, 8000) });
  expect(extent).toEqual({ left: 0, right: 65_535, bottom: 7000, top: 9000 });
  const view = fitted(800, 600, extent);
  expect([screenX(view, 0), screenX(view, 65_535), screenY(view, 8000)].map(Math.round)).toEqual([28, 772, 300]);
  // A single point is not drawn out of all proportion, and of none nothing is known.
  expect(fitted(800, 600, extentOf({ ...random(0), count: 1, x: Uint16Array.of(5), y: Uint16Array.of(9) }))).toMatchObject({ x: 5, y: 9, scale: 4 });
  expect(fitted(800, 600, extentOf(random(0)))).toEqual(fitted(800, 600));
});

test("twenty categories differ, none is grey, and a scale runs from dark to light", () => {
  const colours = Array.from({ length: 20 }, (_, i) => categoryColour(i).join());
  expect(new Set(colours).size).toBe(20);
  expect(categoryColour(none)).toEqual([150, 150, 150]);
  // What the program's own picture has for the first category (PointPictureTests).
  expect(categoryColour(0)).toEqual([34, 115, 195]);
  const sum = (share: number) => scaleColour(share).reduce((a, b) => a + b);
  expect(sum(0)).toBeLessThan(sum(1));
  expect(palette({ names: [] })[none]).toBe(0xff969696);
  expect(palette({ low: 0, high: 1 })[0]).not.toBe(palette({ low: 0, high: 1 })[none - 1]);
});

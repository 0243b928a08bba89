import { describe, expect, it } from "vitest";
import { addressOf } from "../src/places/placesApi";
import { polygonsOf } from "../src/places/topology";
import { acrossOf, boxOf, extentOf, radiusOf, shifted } from "../src/places/view";

describe("what a view asks for", () => {
  it("keeps a view within the world as it is", () => {
    expect(boxOf([-10, -5, 20, 5])).toEqual({ west: -10, south: -5, east: 20, north: 5 });
  });

  it("takes longitudes of the next world back to this one, across the antimeridian if need be", () => {
    expect(boxOf([170, 0, 200, 10])).toEqual({ west: 170, south: 0, east: -160, north: 10 });
    expect(boxOf([370, 0, 380, 10])).toEqual({ west: 10, south: 0, east: 20, north: 10 });
    expect(boxOf([-200, 0, -190, 10])).toEqual({ west: 160, south: 0, east: 170, north: 10 });
  });

  it("asks for the whole way round when more than the world is shown, and never beyond the poles", () => {
    expect(boxOf([-300, -120, 300, 120])).toEqual({ west: -180, south: -90, east: 180, north: 90 });
  });

  it("draws a box across the antimeridian in one piece", () => {
    expect(extentOf({ west: 170, south: 0, east: -160, north: 10 })).toEqual([170, 0, 200, 10]);
  });

  it("groups by the screen's width", () => {
    expect(acrossOf(1120)).toBe(20);
    expect(acrossOf(100)).toBe(4);
    expect(acrossOf(10_000)).toBe(64);
  });

  it("names filters only where they say something", () => {
    const box = { west: -1, south: -2, east: 3, north: 4 };
    expect(addressOf({ box, across: 9, from: "", to: "", task: null, show: "found" })).toBe("/api/places?south=-2&west=-1&north=4&east=3&across=9");
    expect(addressOf({ box, across: 9, from: "2024-01-02", to: "", task: "an island", show: "found" })).toBe(
      "/api/tasks/an%20island/places?south=-2&west=-1&north=4&east=3&across=9&from=2024-01-02&show=found",
    );
  });
});

describe("days", () => {
  it("move by as many as are chosen", () => {
    expect(shifted("2024-02-27", "2024-02-29", 1)).toEqual({ from: "2024-03-01", to: "2024-03-03" });
    expect(shifted("2024-03-01", "2024-03-03", -1)).toEqual({ from: "2024-02-27", to: "2024-02-29" });
  });

  it("become one day when only one end is chosen", () => {
    expect(shifted("", "2024-01-01", -1)).toEqual({ from: "2023-12-31", to: "2023-12-31" });
  });
});

describe("groups", () => {
  it("grow with what they hold, and not beyond what fits", () => {
    expect(radiusOf(1)).toBeLessThan(radiusOf(1000));
    expect(radiusOf(1e12)).toBe(26);
  });
});

describe("TopoJSON", () => {
  const topology = {
    transform: { scale: [2, 1] as [number, number], translate: [-10, 5] as [number, number] },
    arcs: [
      [[0, 0], [1, 0], [0, 1]],
      [[0, 0], [0, 1], [1, 0]],
    ] as [number, number][][],
    objects: { land: { type: "GeometryCollection" as const, geometries: [{ type: "MultiPolygon" as const, arcs: [[[0, -2]]] }] } },
  };

  it("adds up the differences, scales and moves them, and walks arcs backwards", () => {
    expect(polygonsOf(topology, "land")).toEqual([[[[-10, 5], [-8, 5], [-8, 6], [-10, 6], [-10, 5]]]]);
  });

  const world = (arc: [number, number][]) =>
    polygonsOf(
      {
        transform: { scale: [1, 1], translate: [0, 0] },
        arcs: [arc.map(([x, y], i): [number, number] => (i === 0 ? [x, y] : [x - arc[i - 1]![0], y - arc[i - 1]![1]]))],
        objects: { land: { type: "Polygon", arcs: [[0]] } },
      },
      "land",
    );

  it("draws what lies across the antimeridian at both ends of the world, in one piece each", () => {
    const east = [[165, 60], [190, 60], [190, 70], [165, 70], [165, 60]];
    const west = east.map(([x, y]) => [x! - 360, y]);
    expect(world([[165, 60], [-170, 60], [-170, 70], [165, 70], [165, 60]])).toEqual([[east], [west]]);
    // Begun on the other side, it is the same the other way round.
    expect(world([[-170, 60], [-170, 70], [165, 70], [165, 60], [-170, 60]]).map(([ring]) => ring![0])).toEqual([[190, 60], [-170, 60]]);
  });

  it("closes a ring about a pole by way of the pole", () => {
    expect(world([[-180, -80], [-60, -70], [60, -70], [179, -80], [-180, -80]])).toEqual([
      [[[-180, -80], [-60, -70], [60, -70], [179, -80], [180, -80], [180, -90], [-180, -90], [-180, -80]]],
    ]);
  });

  it("has nothing for an object that is not there", () => {
    expect(polygonsOf(topology, "sea")).toEqual([]);
  });
});

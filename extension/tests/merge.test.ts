import { expect, test } from "vitest";
import { extentOfFrame, geoJson, merged, middleFrame, moved, nearby, sized, squareFrame } from "../src/panel/merge";
import { extentOf, kilometres, middle, onMap, placeText, project } from "../src/worldview/places";

const hit = (imageId: string, distance: number, west = 0) => ({
  imageId, distance, picture: `/p/${imageId}`, takenAt: null, box: { south: 0, west, north: 1, east: west + 1 }, product: "modis", resolution: "250m", period: "2024",
});

test("hits of several sizes are one list, each picture once with its smallest distance", () => {
  const lists = [[hit("1-0", 0.1), hit("1-1", 0.3)], [hit("1-1", 0.05), hit("1-2", 0.2)], [hit("1-0", 0.4)]];
  expect(merged(lists, 10).map(({ imageId, distance }) => [imageId, distance])).toEqual([["1-1", 0.05], ["1-0", 0.1], ["1-2", 0.2]]);
  expect(merged(lists, 2)).toHaveLength(2);
});

test("nearby places are the five nearest on the Earth, across the antimeridian too", () => {
  const hits = [-179, 178, 100, 0, -170, 170, 160, 150].map((west, row) => hit(`1-${row}`, row, west));
  expect(nearby(hits, hits[0]!).map(({ box }) => box!.west)).toEqual([-179, 178, -170, 170, 160, 150]);
  expect(nearby([{ ...hits[0]!, box: null }], { ...hits[0]!, box: null })).toEqual([]);
});

test("great circles have known lengths", () => {
  expect(kilometres({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 180 })).toBeCloseTo(Math.PI * 6371.0088, 3);
  expect(kilometres({ latitude: 48.8566, longitude: 2.3522 }, { latitude: 40.7128, longitude: -74.006 })).toBeCloseTo(5837.2, 0);
  expect(kilometres({ latitude: 10, longitude: 179.5 }, { latitude: 10, longitude: -179.5 })).toBeCloseTo(109.5, 1);
});

test("a box across the antimeridian has its middle there", () => {
  const box = { south: -10, west: 170, north: 10, east: -170 };
  expect(Math.abs(middle(box).longitude)).toBe(180);
  expect(extentOf(box)).toEqual({ left: 170, bottom: -10, right: 190, top: 10 });
  expect(placeText({ latitude: -1.234, longitude: 5 })).toBe("1.23° S, 5.00° E");
});

test("polar places are where the EPSG's examples put them", () => {
  // EPSG guidance note 7-2: Antarctic, variant B, 75° S 120° E, with true scale at 71° S on the central meridian 70° E; here turned to 0°.
  const { x, y } = project({ latitude: -75, longitude: 50 }, "antarctic");
  expect(x).toBeCloseTo(7255380.79 - 6000000, -1);
  expect(y).toBeCloseTo(7053389.56 - 6000000, -1);
  expect(project({ latitude: 90, longitude: 12 }, "arctic").y).toBeCloseTo(0, 6);
  const extent = onMap({ south: 80, west: -46, north: 81, east: -44 }, "arctic");
  expect(extent.left).toBeCloseTo(-extent.right, 6);
});

test("a drawn box is a square inside the map, on whichever side it is drawn to", () => {
  const frame = squareFrame({ x: 0.5, y: 0.5 }, { x: 0.6, y: 0.9 }, 400, 200);
  expect([frame.width * 400, frame.height * 200]).toEqual([80, 80]);
  const back = squareFrame({ x: 0.5, y: 0.5 }, { x: 0, y: 0.4 }, 400, 200);
  expect(back.y).toBeCloseTo(0, 9);
  expect(back.x + back.width).toBeCloseTo(0.5, 9);
});

test("a frame stays on the map however it is moved and sized", () => {
  const middleOne = middleFrame(400, 200);
  expect(middleOne).toEqual({ x: 0.25, y: 0, width: 0.5, height: 1 });
  expect(moved(middleOne, 9, -9)).toMatchObject({ x: 0.5, y: 0 });
  expect(sized(sized(middleOne, 0.5), 100)).toMatchObject({ width: 0.5, height: 1 });
});

test("the extent of a frame grows about its middle", () => {
  const map = { left: 0, bottom: 0, right: 40, top: 20 };
  expect(extentOfFrame(map, { x: 0.25, y: 0, width: 0.5, height: 1 })).toEqual({ left: 10, bottom: 0, right: 30, top: 20 });
  expect(extentOfFrame(map, { x: 0.25, y: 0, width: 0.5, height: 1 }, 0.5)).toEqual({ left: 15, bottom: 5, right: 25, top: 15 });
});

test("hits are written as GeoJSON, in two parts where a box crosses the antimeridian", () => {
  const json = JSON.parse(geoJson([{ ...hit("1-0", 0.1), box: { south: 0, west: 179, north: 1, east: -179 } }, { ...hit("1-1", 0.2), box: null }]));
  expect(json.features[0].geometry.coordinates[1][0][0]).toEqual([-180, 0]);
  expect(json.features[1]).toMatchObject({ geometry: null, properties: { imageId: "1-1", distance: 0.2 } });
});

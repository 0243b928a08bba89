import { expect, test } from "vitest";
import { candidates, linkTo, parse, part, worldview, wrapped } from "../src/worldview/permalink";

const noon = new Date("2026-11-20T12:00:00Z");
const at = (query: string) => parse(`${worldview}${query}`, noon)!;

test("an address that leaves everything out shows the whole Earth today in true colour", () => {
  expect(at("")).toEqual({
    projection: "geographic",
    extent: { left: -180, bottom: -90, right: 180, top: 90 },
    a: { layers: [{ id: "MODIS_Terra_CorrectedReflectance_TrueColor", hidden: false }], time: "2026-11-20" },
    b: null,
    active: "a",
  });
});

test("in the first hours of a day the map begins with the day before", () => {
  expect(parse(worldview, new Date("2026-11-20T02:59:00Z"))!.a.time).toBe("2026-11-19");
  expect(parse(worldview, new Date("2026-11-20T03:00:00Z"))!.a.time).toBe("2026-11-20");
});

test("view, layers with settings, and time are read", () => {
  const view = at("?v=-123.5,36.25,-120,38&l=Coastlines_15m,Reference_Labels_15m(hidden),A_Temp(opacity=0.5,palette=red_1,min=1,2),VIIRS_SNPP_CorrectedReflectance_TrueColor(hidden=true),MODIS_Aqua_CorrectedReflectance_Bands721&t=2020-09-27-T10%3A20%3A00Z&ab=on&r=12");
  expect(view.extent).toEqual({ left: -123.5, bottom: 36.25, right: -120, top: 38 });
  expect(view.a.layers.map((layer) => `${layer.id}${layer.hidden ? " hidden" : ""}`)).toEqual([
    "Coastlines_15m", "Reference_Labels_15m hidden", "A_Temp", "VIIRS_SNPP_CorrectedReflectance_TrueColor hidden", "MODIS_Aqua_CorrectedReflectance_Bands721",
  ]);
  expect(view.a.time).toBe("2020-09-27T10:20:00Z");
  expect(candidates(view.a)).toEqual(["MODIS_Aqua_CorrectedReflectance_Bands721", "A_Temp"]);
});

test("midnight is a day, and all ways to write a time are read", () => {
  for (const text of ["2020-09-27", "2020-09-27-T00%3A00%3A00Z", "2020-09-27T00:00:00Z"]) expect(at(`?t=${text}`).a.time).toBe("2020-09-27");
  expect(at("?t=2020-09-27T23:59:59Z").a.time).toBe("2020-09-27T23:59:59Z");
});

test("what makes no sense counts as left out", () => {
  for (const query of ["?v=1,2,3", "?v=a,b,c,d", "?v=5,0,1,2", "?v=,,,", "?p=mars", "?t=yesterday", "?t=2020-19-45", "?l="]) expect(at(query)).toEqual(at(""));
});

test("polar maps are in metres", () => {
  const view = at("?p=arctic&v=-2000000,-1000000,2000000,1000000");
  expect(part("L", "2020-09-27", view.projection, view.extent)).toEqual({
    layer: "L", time: "2020-09-27", projection: "arctic", metres: { left: -2000000, bottom: -1000000, right: 2000000, top: 1000000 },
  });
  expect(at("?p=antarctic").extent.right).toBe(4194304);
});

test("compare mode has two sides, of which one is worked on", () => {
  const one = at("?l=A_1&t=2020-01-01&l1=B_1&t1=2021-01-01&ca=true");
  expect([one.active, one.a.time, one.b?.time, one.b?.layers[0]?.id]).toEqual(["a", "2020-01-01", "2021-01-01", "B_1"]);
  expect(at("?l=A_1&t=2020-01-01&t1=2021-01-01&ca=false")).toMatchObject({ active: "b", b: { layers: [{ id: "A_1" }], time: "2021-01-01" } });
  expect(at("?l=A_1").b).toBeNull();
});

test("longitudes go around the Earth, and beyond ±180° the day is another", () => {
  const box = (left: number, right: number) => part("L", "2020-03-01", "geographic", { left, bottom: -95, right, top: 95 })!;
  expect(box(-10, 20)).toMatchObject({ time: "2020-03-01", box: { south: -90, west: -10, north: 90, east: 20 } });
  expect(box(170, 185)).toMatchObject({ time: "2020-03-01", box: { west: 170, east: -175 } });
  expect(box(190, 200)).toMatchObject({ time: "2020-02-29", box: { west: -170, east: -160 } });
  expect(box(-200, -190)).toMatchObject({ time: "2020-03-02", box: { west: 160, east: 170 } });
  expect(box(-250, 250)).toMatchObject({ time: "2020-03-01", box: { west: -180, east: 180 } });
  expect(box(150, 180)).toMatchObject({ box: { west: 150, east: 180 } });
  expect(box(-180, -150)).toMatchObject({ box: { west: -180, east: -150 } });
  expect(box(150, 180).time).toBe("2020-03-01");
  expect(part("L", null, "geographic", { left: 190, bottom: 0, right: 200, top: 10 })!.time).toBeNull();
  expect(part("L", null, "geographic", { left: 0, bottom: 91, right: 10, top: 95 })).toBeNull();
});

test("wrapped longitudes are the same place, between -180 and 180", () => {
  for (let degrees = -900; degrees <= 900; degrees += 7.5) {
    const inside = wrapped(degrees);
    expect(inside).toBeGreaterThanOrEqual(-180);
    expect(inside).toBeLessThanOrEqual(180);
    expect((((degrees - inside) % 360) + 360) % 360).toBeCloseTo(0, 9);
  }
});

test("other sites have no map", () => {
  for (const address of ["https://worldview.earthdata.nasa.gov.evil.example/?v=1,2,3,4", "http://worldview.earthdata.nasa.gov/", "https://example.org/", "about:blank", ""]) expect(parse(address, noon)).toBeNull();
});

test("a link that opens a place is read as that place with its surroundings", () => {
  const link = linkTo({ left: 170, bottom: -20, right: 182, top: -10 }, "2020-09-27", ["MODIS_Terra_CorrectedReflectance_TrueColor"], "geographic");
  expect(link).toBe(`${worldview}?v=158,-30,194,0&l=MODIS_Terra_CorrectedReflectance_TrueColor&t=2020-09-27-T00%3A00%3A00Z`);
  expect(parse(link, noon)).toMatchObject({ extent: { left: 158, bottom: -30, right: 194, top: 0 }, a: { time: "2020-09-27" } });
  const polar = linkTo({ left: 0, bottom: 0, right: 1000, top: 1000 }, "2020-09-27T10:20:00Z", [], "arctic");
  expect(parse(polar, noon)).toMatchObject({ projection: "arctic", extent: { left: -1000, bottom: -1000, right: 2000, top: 2000 }, a: { time: "2020-09-27T10:20:00Z" } });
});

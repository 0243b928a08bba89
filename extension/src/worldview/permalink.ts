/** NASA Worldview's address says all of what its map shows; what is at its default is left out of it. */

export const worldview = "https://worldview.earthdata.nasa.gov/";

export type Projection = "geographic" | "arctic" | "antarctic";

/** Of the map: degrees, in polar projections metres from the pole. In degrees, left and right may lie beyond ±180: the map goes around. */
export interface Extent {
  left: number;
  bottom: number;
  right: number;
  top: number;
}

export interface MapLayer {
  id: string;
  hidden: boolean;
}

/** One of the two maps that compare mode shows; otherwise the only one. */
export interface Side {
  layers: MapLayer[];
  /** `2020-09-27`, or `2020-09-27T10:20:00Z` where a time of day was chosen. */
  time: string;
}

export interface View {
  projection: Projection;
  extent: Extent;
  a: Side;
  /** Null outside of compare mode. */
  b: Side | null;
  /** The one that is worked on. */
  active: "a" | "b";
}

/** What the map shows where the address says nothing of it. */
const wholeMaps: Record<Projection, Extent> = {
  geographic: { left: -180, bottom: -90, right: 180, top: 90 },
  arctic: { left: -4194304, bottom: -4194304, right: 4194304, top: 4194304 },
  antarctic: { left: -4194304, bottom: -4194304, right: 4194304, top: 4194304 },
};
const usualLayers: MapLayer[] = [{ id: "MODIS_Terra_CorrectedReflectance_TrueColor", hidden: false }];

/** In the first hours of a day hardly any imagery of it is there, and the map begins with the day before. */
const hoursUntilToday = 3;

/** What the map at that address shows; null for other addresses. Parts that make no sense count as left out, as they do for the map. */
export function parse(address: string, now: Date): View | null {
  if (!address.startsWith(worldview)) return null;
  const query = new URL(address).searchParams;
  const projection = projectionOf(query.get("p"));
  const compare = query.has("ca") || query.has("l1") || query.has("t1");
  const a: Side = { layers: layersOf(query.get("l")), time: timeOf(query.get("t"), now) };
  const b: Side | null = compare ? { layers: query.has("l1") ? layersOf(query.get("l1")) : a.layers, time: timeOf(query.get("t1"), now) } : null;
  return { projection, extent: extentOf(query.get("v")) ?? wholeMaps[projection], a, b, active: b && query.get("ca") === "false" ? "b" : "a" };
}

function projectionOf(text: string | null): Projection {
  return text === "arctic" || text === "antarctic" ? text : "geographic";
}

function extentOf(text: string | null): Extent | null {
  const numbers = (text ?? "").split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (numbers.length !== 4 || !numbers.every(Number.isFinite)) return null;
  const [left, bottom, right, top] = numbers as [number, number, number, number];
  return left < right && bottom < top ? { left, bottom, right, top } : null;
}

/** `A,B(hidden,opacity=0.5,palettes=x,y)`: commas inside brackets do not separate layers. */
function layersOf(text: string | null): MapLayer[] {
  if (!text) return usualLayers;
  return [...text.matchAll(/([^,()]+)(?:\(([^()]*)\))?/g)].map(([, id = "", settings = ""]) => ({
    id: id.trim(),
    hidden: settings.split(",").some((setting) => setting === "hidden" || setting === "hidden=true"),
  }));
}

/** `2020-09-27`, `2020-09-27-T10:20:00Z` or `2020-09-27T10:20:00Z`. */
function timeOf(text: string | null, now: Date): string {
  const match = /^(\d{4}-\d{2}-\d{2})(?:-?T(\d{2}:\d{2}:\d{2})Z?)?$/.exec(text ?? "");
  if (!match || Number.isNaN(Date.parse(match[1]!))) return dayOf(new Date(now.getTime() - hoursUntilToday * 3_600_000));
  return match[2] && match[2] !== "00:00:00" ? `${match[1]}T${match[2]}Z` : match[1]!;
}

const dayOf = (date: Date) => date.toISOString().slice(0, 10);

/** Lines and names that are drawn over imagery, and points of detections: nothing that looks like something. */
const drawnOver = /^(Coastlines|Reference_|Graticule|Land_Water_Map|OrbitTracks_|Orbit|.*_Orbit_|.*_Fires_|.*Thermal_Anomalies|BlueMarble_Borders)/;

/** Photographs of the Earth; others are measurements in false colours. */
const photographs = /CorrectedReflectance|SurfaceReflectance|TrueColor|GeoColor|Bands\d|Reflectance|HLS|Landsat|WELD|BlueMarble/i;

/** The visible layers of a side that can be searched by, the likeliest first: photographs in the order of the address, then others. */
export function candidates(side: Side): string[] {
  const visible = [...new Set(side.layers.filter((layer) => !layer.hidden && !drawnOver.test(layer.id)).map((layer) => layer.id))];
  return [...visible.filter((id) => photographs.test(id)), ...visible.filter((id) => !photographs.test(id))];
}

export interface Box {
  south: number;
  west: number;
  north: number;
  east: number;
}

/** Of a layer of the imagery server, as Curator's server takes it. */
export interface LayerPart {
  layer: string;
  time: string | null;
  projection: Projection;
  box?: Box;
  metres?: Extent;
}

/**
 * What of a layer an extent shows. Beyond the antimeridian the map goes on with its neighbours in time: to the left of −180° it shows the next day, to the right of 180° the day before.
 * Null when no part of the Earth is in it.
 */
export function part(layer: string, time: string | null, projection: Projection, extent: Extent): LayerPart | null {
  if (projection !== "geographic") return { layer, time, projection, metres: extent };
  const [south, north] = [Math.max(-90, extent.bottom), Math.min(90, extent.top)];
  if (south >= north) return null;
  if (extent.right - extent.left >= 360) return { layer, time, projection, box: { south, west: -180, north, east: 180 } };
  const middle = (extent.left + extent.right) / 2;
  const shifted = time === null ? null : middle < -180 ? addDays(time, 1) : middle > 180 ? addDays(time, -1) : time;
  const [west, east] = [wrapped(extent.left), wrapped(extent.right)];
  return { layer, time: shifted, projection, box: { south, west: west === 180 ? -180 : west, north, east: east === -180 ? 180 : east } };
}

/** Into −180 to 180. */
export function wrapped(longitude: number): number {
  if (longitude >= -180 && longitude <= 180) return longitude;
  return ((((longitude + 180) % 360) + 360) % 360) - 180;
}

function addDays(time: string, days: number): string {
  const date = new Date(`${time.slice(0, 10)}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return dayOf(date) + time.slice(10);
}

/** An address that opens the map at a place, with some of its surroundings. */
export function linkTo(extent: Extent, time: string | null, layers: readonly string[], projection: Projection): string {
  const [across, down] = [extent.right - extent.left, extent.top - extent.bottom];
  const shown = [extent.left - across, extent.bottom - down, extent.right + across, extent.top + down];
  if (projection === "geographic") [shown[1], shown[3]] = [Math.max(-90, shown[1]!), Math.min(90, shown[3]!)];
  const parts = [`v=${shown.map((number) => Number(number.toFixed(projection === "geographic" ? 4 : 0))).join(",")}`];
  if (projection !== "geographic") parts.push(`p=${projection}`);
  if (layers.length > 0) parts.push(`l=${layers.map(encodeURIComponent).join(",")}`);
  if (time) parts.push(`t=${time.slice(0, 10)}-T${encodeURIComponent(time.length > 10 ? time.slice(11, 19) : "00:00:00")}Z`);
  return `${worldview}?${parts.join("&")}`;
}

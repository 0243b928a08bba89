import type { Hit } from "../../../web/src/search/searchApi";
import type { Extent } from "../worldview/permalink";
import { kilometres, middle, type Place } from "../worldview/places";

export const nearest = 5;

/** Hits of searches at several sizes as one list: each picture once, with the smallest distance that it had, the most alike first. */
export function merged(lists: readonly (readonly Hit[])[], count: number): Hit[] {
  const best = new Map<string, Hit>();
  for (const hit of lists.flat()) {
    const known = best.get(hit.imageId);
    if (!known || hit.distance < known.distance) best.set(hit.imageId, hit);
  }
  return [...best.values()].sort((a, b) => a.distance - b.distance || (a.imageId < b.imageId ? -1 : 1)).slice(0, count);
}

/** The hits closest to one of them on the Earth, itself first. */
export function nearby(hits: readonly Hit[], of: Hit): Hit[] {
  if (!of.box) return [];
  const from = middle(of.box);
  return hits
    .filter((hit) => hit.box)
    .map((hit) => ({ hit, away: kilometres(from, middle(hit.box!)) }))
    .sort((a, b) => Number(b.hit.imageId === of.imageId) - Number(a.hit.imageId === of.imageId) || a.away - b.away)
    .slice(0, nearest + 1)
    .map(({ hit }) => hit);
}

/** A part of a map, as shares of it from the upper left corner. */
export interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const wholeFrame: Frame = { x: 0, y: 0, width: 1, height: 1 };

/** The largest square in the middle; tiles are squares, and an encoder sees anything else squashed. */
export function middleFrame(width: number, height: number): Frame {
  const side = Math.min(width, height);
  const [w, h] = [side / width, side / height];
  return { x: (1 - w) / 2, y: (1 - h) / 2, width: w, height: h };
}

/** The square between two points of a map of that size, from the first one on; inside the map. Points in shares. */
export function squareFrame(from: { x: number; y: number }, to: { x: number; y: number }, width: number, height: number): Frame {
  const [right, down] = [to.x >= from.x, to.y >= from.y];
  const wanted = Math.max(Math.abs(to.x - from.x) * width, Math.abs(to.y - from.y) * height);
  const side = Math.min(wanted, (right ? 1 - from.x : from.x) * width, (down ? 1 - from.y : from.y) * height);
  const [w, h] = [side / width, side / height];
  return { x: right ? from.x : from.x - w, y: down ? from.y : from.y - h, width: w, height: h };
}

export function moved(frame: Frame, dx: number, dy: number): Frame {
  return { ...frame, x: Math.min(1 - frame.width, Math.max(0, frame.x + dx)), y: Math.min(1 - frame.height, Math.max(0, frame.y + dy)) };
}

/** Larger or smaller about its middle, where the map has room. */
export function sized(frame: Frame, factor: number): Frame {
  const f = Math.min(factor, 1 / frame.width, 1 / frame.height);
  const [width, height] = [frame.width * f, frame.height * f];
  return moved({ x: frame.x + (frame.width - width) / 2, y: frame.y + (frame.height - height) / 2, width, height }, 0, 0);
}

/** The extent of a frame of a map, times a factor about its middle. */
export function extentOfFrame(map: Extent, frame: Frame, factor = 1): Extent {
  const [across, down] = [map.right - map.left, map.top - map.bottom];
  const [x, y] = [map.left + (frame.x + frame.width / 2) * across, map.top - (frame.y + frame.height / 2) * down];
  const [w, h] = [(frame.width * across * factor) / 2, (frame.height * down * factor) / 2];
  return { left: x - w, bottom: y - h, right: x + w, top: y + h };
}

export const awayFrom = (place: Place | null, hit: Hit): number | null => (place && hit.box ? kilometres(place, middle(hit.box)) : null);

/** Hits as GeoJSON (RFC 7946), those without a place with no geometry. */
export function geoJson(hits: readonly Hit[]): string {
  return JSON.stringify({
    type: "FeatureCollection",
    features: hits.map(({ box, picture: _, ...properties }) => ({ type: "Feature", geometry: box ? geometryOf(box) : null, properties })),
  });
}

function geometryOf({ south, west, north, east }: NonNullable<Hit["box"]>) {
  const ring = (left: number, right: number) => [[[left, south], [right, south], [right, north], [left, north], [left, south]]];
  return west <= east ? { type: "Polygon", coordinates: ring(west, east) } : { type: "MultiPolygon", coordinates: [ring(west, 180), ring(-180, east)] };
}

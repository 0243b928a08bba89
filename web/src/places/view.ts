import type { Box } from "./placesApi";

/** Pixels that a group of pictures gets. */
const cellPixels = 56;
const mostAcross = 64;

/** What a map of such an extent asks for: longitudes within ±180, the whole way round where it shows more than the world. */
export function boxOf([west, south, east, north]: readonly [number, number, number, number]): Box {
  const round = east - west >= 359.9;
  return {
    south: Math.max(-90, Math.min(south, 89.999)),
    west: round ? -180 : within(west),
    north: Math.min(90, Math.max(north, -89.999)),
    east: round ? 180 : within(east),
  };
}

export const acrossOf = (pixels: number) => Math.max(4, Math.min(mostAcross, Math.round(pixels / cellPixels)));

/** -180 to 180. */
function within(longitude: number): number {
  if (longitude >= -180 && longitude <= 180) return longitude;
  return longitude - 360 * Math.floor((longitude + 180) / 360);
}

/** The box's extent with its east beyond its west, so that it can be drawn in one piece. */
export function extentOf(box: Box): [number, number, number, number] {
  return [box.west, box.south, box.east < box.west ? box.east + 360 : box.east, box.north];
}

/** A range of days moved by its own length, or by a day. */
export function shifted(from: string, to: string, direction: 1 | -1): { from: string; to: string } {
  const days = from && to ? Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1 : 1;
  return { from: plus(from || to, days * direction), to: plus(to || from, days * direction) };
}

function plus(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Radius of a group's circle, pixels: by the logarithm, so that ten and a million fit one map. */
export const radiusOf = (count: number) => Math.min(26, 8 + 3.2 * Math.log10(count));

import type { Box, Extent, Projection } from "./permalink";

/** Of the Earth as a sphere, km. */
const earthRadius = 6371.0088;
const degree = Math.PI / 180;

export interface Place {
  latitude: number;
  longitude: number;
}

/** East of the middle of a box that crosses the antimeridian longitudes go on beyond 180. */
export function extentOf(box: Box): Extent {
  return { left: box.west, bottom: box.south, right: box.east < box.west ? box.east + 360 : box.east, top: box.north };
}

export function middle(box: Box): Place {
  const { left, right } = extentOf(box);
  const longitude = (left + right) / 2;
  return { latitude: (box.south + box.north) / 2, longitude: longitude > 180 ? longitude - 360 : longitude };
}

/** Great-circle distance, km (haversine). */
export function kilometres(a: Place, b: Place): number {
  const [up, across] = [(b.latitude - a.latitude) * degree, (b.longitude - a.longitude) * degree];
  const h = Math.sin(up / 2) ** 2 + Math.cos(a.latitude * degree) * Math.cos(b.latitude * degree) * Math.sin(across / 2) ** 2;
  return 2 * earthRadius * Math.asin(Math.min(1, Math.sqrt(h)));
}

export function placeText({ latitude, longitude }: Place): string {
  return `${Math.abs(latitude).toFixed(2)}° ${latitude < 0 ? "S" : "N"}, ${Math.abs(longitude).toFixed(2)}° ${longitude < 0 ? "W" : "E"}`;
}

/**
 * Degrees to metres of the polar maps: EPSG:3413 and 3031, polar stereographic on the WGS 84 ellipsoid. Source: Snyder, Map Projections: A Working Manual (1987), equations 15-9, 14-15, 21-33 and 21-34.
 */
export function project({ latitude, longitude }: Place, projection: Exclude<Projection, "geographic">): { x: number; y: number } {
  const [side, trueScale, middleLongitude] = projection === "arctic" ? [1, 70, -45] : [-1, 71, 0];
  const semiMajorAxis = 6_378_137;
  const flattening = 1 / 298.257223563;
  const eccentricity = Math.sqrt(flattening * (2 - flattening));
  const t = (angle: number) => {
    const sine = eccentricity * Math.sin(angle);
    return Math.tan(Math.PI / 4 - angle / 2) / ((1 - sine) / (1 + sine)) ** (eccentricity / 2);
  };
  const m = Math.cos(trueScale * degree) / Math.sqrt(1 - (eccentricity * Math.sin(trueScale * degree)) ** 2);
  const distance = (semiMajorAxis * m * t(side * latitude * degree)) / t(trueScale * degree);
  const angle = (longitude - middleLongitude) * degree;
  return { x: distance * Math.sin(angle), y: -side * distance * Math.cos(angle) };
}

/** The rectangle of a map that shows a box. */
export function onMap(box: Box, projection: Projection): Extent {
  if (projection === "geographic") return extentOf(box);
  const { left, right } = extentOf(box);
  const points = [0, 0.25, 0.5, 0.75, 1].flatMap((share) =>
    [box.south, box.north].map((latitude) => project({ latitude, longitude: left + (right - left) * share }, projection)),
  );
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return { left: Math.min(...xs), bottom: Math.min(...ys), right: Math.max(...xs), top: Math.max(...ys) };
}

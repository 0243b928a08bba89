/** As TopoJSON has it: arcs of differences in whole numbers. */
export interface Topology {
  transform: { scale: [number, number]; translate: [number, number] };
  arcs: [number, number][][];
  objects: Record<string, Geometry>;
}

type Geometry = { type: "Polygon"; arcs: number[][] } | { type: "MultiPolygon"; arcs: number[][][] } | { type: "GeometryCollection"; geometries: Geometry[] };

type Ring = [number, number][];

/**
 * All polygons of an object, each a list of rings in degrees. A polygon across the antimeridian is there twice, whole: beyond the world's eastern end, and beyond its western. One about a pole goes
 * from end to end and has the pole in it.
 */
export function polygonsOf(topology: Topology, name: string): Ring[][] {
  const { scale, translate } = topology.transform;
  const arcs = topology.arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx, dy]): [number, number] => {
      x += dx;
      y += dy;
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
    });
  });
  /** A negative number is the arc of its complement, backwards; where arcs meet, the point is there once. */
  const ring = (numbers: number[]): Ring => numbers.flatMap((number, index) => (number < 0 ? arcs[~number]!.toReversed() : arcs[number]!).slice(index === 0 ? 0 : 1));
  const polygons = (geometry: Geometry): Ring[][] => {
    if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap(polygons);
    return geometry.type === "Polygon" ? [geometry.arcs.map(ring)] : geometry.arcs.map((rings) => rings.map(ring));
  };
  const object = topology.objects[name];
  return object ? polygons(object).flatMap((rings) => copiesOf(rings.map(unrolled))) : [];
}

/** Without jumps from one end of the world to the other, and with its middle in the world. */
function unrolled(ring: Ring): Ring {
  let turns = 0;
  const points = ring.map(([x, y], index): [number, number] => {
    const step = index === 0 ? 0 : x - ring[index - 1]![0];
    if (Math.abs(step) > 180) turns -= Math.sign(step);
    return [x + 360 * turns, y];
  });
  const [first, last] = [points[0]!, points.at(-1)!];
  if (turns !== 0) {
    const pole = first[1] < 0 ? -90 : 90;
    points.push([last[0], pole], [first[0], pole], first);
  }
  const longitudes = points.map(([x]) => x);
  const shift = 360 * Math.round((Math.min(...longitudes) + Math.max(...longitudes)) / 720);
  return shift === 0 ? points : points.map(([x, y]) => [x - shift, y]);
}

function copiesOf(rings: Ring[]): Ring[][] {
  const longitudes = rings.flatMap((ring) => ring.map(([x]) => x));
  const moved = (by: number) => rings.map((ring) => ring.map(([x, y]): [number, number] => [x + by, y]));
  return [rings, ...(Math.max(...longitudes) > 180 ? [moved(-360)] : []), ...(Math.min(...longitudes) < -180 ? [moved(360)] : [])];
}

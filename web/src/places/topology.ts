/** As TopoJSON has it: arcs of differences in whole numbers. */
export interface Topology {
  transform: { scale: [number, number]; translate: [number, number] };
  arcs: [number, number][][];
  objects: Record<string, Geometry>;
}

type Geometry = { type: "Polygon"; arcs: number[][] } | { type: "MultiPolygon"; arcs: number[][][] } | { type: "GeometryCollection"; geometries: Geometry[] };

type Ring = [number, number][];

/** All polygons of an object, each a list of rings in degrees. */
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
  return object ? polygons(object) : [];
}

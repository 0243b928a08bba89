/** No cluster, no group, no value. */
export const none = 0xffff;

/** All points of a map as the server sends them: columns of 16 bits, y upwards. */
export interface Points {
  count: number;
  x: Uint16Array;
  y: Uint16Array;
  clusters: Uint16Array;
  groups: Uint16Array;
  partitions: { number: number; first: number }[];
  rows: Uint32Array;
}

/** Values of all points: categories by number, or even steps of a scale from 0 to 65,534. */
export type Column = { values: Uint16Array } & ({ names: string[] } | { low: number; high: number; unit: string });

export function decodePoints(buffer: ArrayBuffer): Points {
  const view = new DataView(buffer);
  if (buffer.byteLength < 28 || view.getUint32(0, true) !== 0x50414d43 || view.getInt32(4, true) !== 1) throw new Error("These are no points of a map.");
  const count = view.getInt32(8, true);
  const parts = view.getInt32(12, true);
  const start = 28 + 8 * parts;
  const column = (index: number) => new Uint16Array(buffer, start + 2 * count * index, count);
  const partitions: { number: number; first: number }[] = [];
  const rows = new Uint32Array(count);
  const bytes = new Uint8Array(buffer, start + 8 * count);
  let point = 0;
  let at = 0;
  for (let part = 0; part < parts; part++) {
    partitions.push({ number: view.getInt32(28 + 8 * part, true), first: point });
    let expected = 0;
    for (const end = point + view.getInt32(32 + 8 * part, true); point < end; point++) {
      let difference = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = bytes[at++]!;
        difference += (byte & 127) * scale;
        if (byte < 128) break;
      }
      rows[point] = expected + difference;
      expected += difference + 1;
    }
  }
  return { count, x: column(0), y: column(1), clusters: column(2), groups: column(3), partitions, rows };
}

export function decodeColumn(buffer: ArrayBuffer): Column {
  const length = new DataView(buffer).getInt32(0, true);
  const legend = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as { names: string[] } | { low: number; high: number; unit: string };
  return { ...legend, values: new Uint16Array(buffer, 4 + Math.ceil(length / 4) * 4) };
}

/** The image's id: partition and row. */
export function idOf(points: Points, point: number): string {
  let part = points.partitions.length - 1;
  while (part > 0 && points.partitions[part]!.first > point) part--;
  return `${points.partitions[part]!.number}-${points.rows[point]!}`;
}

/** The point of an image; -1 when it is not on the map. */
export function pointOf(points: Points, imageId: string): number {
  const [number, row] = imageId.split("-").map(Number);
  const part = points.partitions.findIndex((partition) => partition.number === number);
  if (part < 0) return -1;
  let low = points.partitions[part]!.first;
  const end = points.partitions[part + 1]?.first ?? points.count;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points.rows[middle]! < row!) low = middle + 1;
    else high = middle;
  }
  return low < end && points.rows[low] === row ? low : -1;
}

import type { Points } from "./points";

const cells = 256;
const shift = 8;

/** Which points are where, by cells of 256 × 256 units. Built once a map: two passes over the points. */
export class PointGrid {
  private readonly starts = new Uint32Array(cells * cells + 1);
  private readonly order: Uint32Array;

  constructor(private readonly points: Points) {
    const { count, x, y } = points;
    this.order = new Uint32Array(count);
    for (let i = 0; i < count; i++) this.starts[cellOf(x[i]!, y[i]!) + 1]!++;
    for (let cell = 0; cell < cells * cells; cell++) this.starts[cell + 1]! += this.starts[cell]!;
    const next = this.starts.slice(0, -1);
    for (let i = 0; i < count; i++) this.order[next[cellOf(x[i]!, y[i]!)]!++] = i;
  }

  /** Visits the points of all cells that a rectangle touches; more than lie in it. */
  near(left: number, bottom: number, right: number, top: number, visit: (point: number) => void): void {
    const from = (value: number) => Math.min(Math.max(Math.floor(value), 0), 65_535) >> shift;
    if (right < 0 || top < 0 || left > 65_535 || bottom > 65_535) return;
    for (let row = from(bottom); row <= from(top); row++) {
      const end = this.starts[row * cells + from(right) + 1]!;
      for (let at = this.starts[row * cells + from(left)]!; at < end; at++) visit(this.order[at]!);
    }
  }

  /** The nearest point that counts, within a radius; -1 when there is none. */
  nearest(x: number, y: number, radius: number, counts: (point: number) => boolean): number {
    let best = -1;
    let least = radius * radius;
    // From small to large squares: a crowd is decided in the first.
    for (let reach = Math.min(radius, 64); ; reach = Math.min(radius, reach * 4)) {
      this.near(x - reach, y - reach, x + reach, y + reach, (point) => {
        const distance = (this.points.x[point]! - x) ** 2 + (this.points.y[point]! - y) ** 2;
        if (distance <= least && counts(point)) [best, least] = [point, distance];
      });
      if (reach >= radius || least <= reach * reach) return best;
    }
  }

  /** Points inside a closed line of corners (x, y, x, y, …), by the even-odd rule. */
  inside(line: readonly number[], counts: (point: number) => boolean): number[] {
    let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < line.length; i += 2) {
      [left, right] = [Math.min(left, line[i]!), Math.max(right, line[i]!)];
      [bottom, top] = [Math.min(bottom, line[i + 1]!), Math.max(top, line[i + 1]!)];
    }
    const found: number[] = [];
    this.near(left, bottom, right, top, (point) => {
      if (counts(point) && within(line, this.points.x[point]!, this.points.y[point]!)) found.push(point);
    });
    return found.sort((a, b) => a - b);
  }
}

function cellOf(x: number, y: number): number {
  return (y >> shift) * cells + (x >> shift);
}

function within(line: readonly number[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = line.length - 2; i < line.length; j = i, i += 2) {
    const [ax, ay, bx, by] = [line[i]!, line[i + 1]!, line[j]!, line[j + 1]!];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

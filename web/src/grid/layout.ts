/** How thumbnails lie on the screen, and which of them a drag covers. Pure; CSS pixels. */

export interface Layout {
  columns: number;
  rows: number;
  /** Side of one square. */
  tile: number;
}

export const gap = 6;

/** The server hands out 50 pictures at a time; a page must be less, so that the next one is at hand. */
export const mostTiles = 48;

/**
 * As many squares of about `target` as fit without scrolling: a page that scrolls under the finger could not be dragged over. Squares grow to fill
 * the width, and where more than {@link mostTiles} would fit, until no more than those do.
 */
export function layOut(width: number, height: number, target: number): Layout {
  for (let side = Math.max(target, 40); ; side *= 1.08) {
    const columns = Math.max(2, Math.floor((width + gap) / (side + gap)));
    const tile = Math.floor((width + gap) / columns) - gap;
    const rows = Math.max(1, Math.floor((height + gap) / (tile + gap)));
    // A square must never be higher than the screen allows.
    if (columns * rows <= mostTiles) return { columns, rows, tile: Math.max(24, Math.min(tile, height)) };
  }
}

/** The tile at or nearest to a point measured from the grid's corner, or null when there is none. */
export function tileAt(x: number, y: number, layout: Layout, count: number): number | null {
  if (count === 0) return null;
  const step = layout.tile + gap;
  const column = clamp(Math.floor((x + gap / 2) / step), 0, layout.columns - 1);
  const lastRow = Math.floor((count - 1) / layout.columns);
  const row = clamp(Math.floor((y + gap / 2) / step), 0, lastRow);
  return Math.min(row * layout.columns + column, count - 1);
}

/** All tiles of the rectangle that two of them span. */
export function block(from: number, to: number, columns: number, count: number): number[] {
  const [top, bottom] = ordered(Math.floor(from / columns), Math.floor(to / columns));
  const [left, right] = ordered(from % columns, to % columns);
  const tiles: number[] = [];
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) if (row * columns + column < count) tiles.push(row * columns + column);
  return tiles;
}

/** All tiles between two of them in reading order. */
export function run(from: number, to: number): number[] {
  const [first, last] = ordered(from, to);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function ordered(a: number, b: number): [number, number] {
  return a <= b ? [a, b] : [b, a];
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

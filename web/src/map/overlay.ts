import type { PointGrid } from "./pointGrid";
import { idOf, type Points } from "./points";
import type { Thumbnails } from "./thumbnails";
import { mapX, mapY, screenX, screenY, type View } from "./view";

/** With no more points than this in sight, their pictures are drawn. */
export const mostPictures = 160;

const side = 56;

interface Overlay {
  points: Points;
  grid: PointGrid;
  visible: Uint8Array;
  colours: Uint32Array;
  thumbnails: Thumbnails;
  /** Corners of what is being drawn around, on the screen. */
  line: readonly number[];
}

/** Pictures of the points when few are in sight, and the line that is being drawn. */
export function drawOverlay(canvas: HTMLCanvasElement, view: View, ratio: number, overlay: Overlay): void {
  const context = canvas.getContext("2d")!;
  const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  for (const point of inSight(view, overlay)) {
    const image = overlay.thumbnails.get(idOf(overlay.points, point));
    if (!image) continue;
    const scale = side / Math.max(image.naturalWidth, image.naturalHeight);
    const [w, h] = [image.naturalWidth * scale, image.naturalHeight * scale];
    const [x, y] = [screenX(view, overlay.points.x[point]!) - w / 2, screenY(view, overlay.points.y[point]!) - h / 2];
    const colour = overlay.colours[point]!;
    context.fillStyle = `rgb(${colour & 255} ${(colour >> 8) & 255} ${(colour >> 16) & 255})`;
    context.fillRect(x - 3, y - 3, w + 6, h + 6);
    context.drawImage(image, x, y, w, h);
  }
  if (overlay.line.length < 4) return;
  context.beginPath();
  for (let i = 0; i < overlay.line.length; i += 2) context.lineTo(overlay.line[i]!, overlay.line[i + 1]!);
  context.closePath();
  context.fillStyle = "rgb(60 140 200 / 14%)";
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = getComputedStyle(canvas).color;
  context.setLineDash([6, 4]);
  context.stroke();
  context.setLineDash([]);
}

/** The visible points in sight, or none when they are too many. */
function inSight(view: View, { points, grid, visible }: Overlay): number[] {
  const [left, right] = [mapX(view, 0), mapX(view, view.width)];
  const [bottom, top] = [mapY(view, view.height), mapY(view, 0)];
  // Where the whole map is in sight there are dots, also on a map of few points.
  if (right - left > 50_000 && points.count > 60) return [];
  const found: number[] = [];
  grid.near(left, bottom, right, top, (point) => {
    if (found.length > mostPictures || visible[point] !== 1) return;
    const [x, y] = [points.x[point]!, points.y[point]!];
    if (x >= left && x <= right && y >= bottom && y <= top) found.push(point);
  });
  return found.length > mostPictures ? [] : found;
}

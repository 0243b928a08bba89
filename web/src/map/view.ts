import type { Points } from "./points";

/** What of the map is seen: the point of the map in the middle of the screen, and pixels a unit. Units are those of {@link Points}: 0 to 65,535, y upwards. */
export interface View {
  x: number;
  y: number;
  scale: number;
  width: number;
  height: number;
}

/** What points lie within, in units of the map. */
export interface Extent {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

const side = 65_535;
const margin = 28;
const largest = 4;
const whole: Extent = { left: 0, right: side, bottom: 0, top: side };

/** All points, as large as the screen allows. */
export function fitted(width: number, height: number, { left, right, bottom, top }: Extent = whole): View {
  const scale = Math.min((width - 2 * margin) / Math.max(1, right - left), (height - 2 * margin) / Math.max(1, top - bottom), largest);
  return { x: (left + right) / 2, y: (bottom + top) / 2, scale: Math.max(1e-6, scale), width, height };
}

export function extentOf({ count, x, y }: Points): Extent {
  if (count === 0) return whole;
  const extent = { left: side, right: 0, bottom: side, top: 0 };
  for (let i = 0; i < count; i++) {
    extent.left = Math.min(extent.left, x[i]!);
    extent.right = Math.max(extent.right, x[i]!);
    extent.bottom = Math.min(extent.bottom, y[i]!);
    extent.top = Math.max(extent.top, y[i]!);
  }
  return extent;
}

export const screenX = (view: View, x: number) => view.width / 2 + (x - view.x) * view.scale;
export const screenY = (view: View, y: number) => view.height / 2 - (y - view.y) * view.scale;
export const mapX = (view: View, x: number) => view.x + (x - view.width / 2) / view.scale;
export const mapY = (view: View, y: number) => view.y - (y - view.height / 2) / view.scale;

export function panned(view: View, dx: number, dy: number): View {
  return held({ ...view, x: view.x - dx / view.scale, y: view.y + dy / view.scale });
}

/** Larger by a factor; what is under this place of the screen stays there. */
export function zoomed(view: View, factor: number, atX: number, atY: number): View {
  const least = fitted(view.width, view.height).scale / 2;
  const scale = Math.min(Math.max(view.scale * factor, least), largest);
  const [x, y] = [mapX(view, atX), mapY(view, atY)];
  return held({ ...view, scale, x: x - (atX - view.width / 2) / scale, y: y + (atY - view.height / 2) / scale });
}

/** On another size of screen: the same middle at the same scale. */
export function resized(view: View, width: number, height: number): View {
  return { ...view, width, height };
}

/** The middle stays on the map, so that nobody gets lost. */
function held(view: View): View {
  return { ...view, x: Math.min(Math.max(view.x, 0), side), y: Math.min(Math.max(view.y, 0), side) };
}

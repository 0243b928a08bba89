/** What of the map is seen: the point of the map in the middle of the screen, and pixels a unit. Units are those of {@link Points}: 0 to 65,535, y upwards. */
export interface View {
  x: number;
  y: number;
  scale: number;
  width: number;
  height: number;
}

const side = 65_535;
const margin = 28;

/** The whole map. */
export function fitted(width: number, height: number): View {
  return { x: side / 2, y: side / 2, scale: Math.max(1e-6, (Math.min(width, height) - 2 * margin) / side), width, height };
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
  const scale = Math.min(Math.max(view.scale * factor, least), 4);
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

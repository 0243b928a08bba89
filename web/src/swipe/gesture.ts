/** What a drag means, and how a picture is looked at closer. Pure; pixels are CSS pixels, times milliseconds. */

export type Direction = "left" | "right" | "down";

export interface Size {
  width: number;
  height: number;
}

const shareOfWidth = 0.26;
const shareOfHeight = 0.2;
const flickSpeed = 0.45;
const flickDistance = 28;

/** The direction of a drag that ended at (dx, dy) with a speed of (vx, vy) per millisecond, or null when the card goes back. */
export function decide(dx: number, dy: number, vx: number, vy: number, card: Size): Direction | null {
  const sideways = Math.abs(dx) >= Math.abs(dy);
  if (sideways) {
    const far = Math.abs(dx) > card.width * shareOfWidth;
    // A flick counts only when the finger still moves away from where it began.
    const flicked = Math.abs(dx) > flickDistance && vx * Math.sign(dx) > flickSpeed;
    if (!far && !flicked) return null;
    if (far && vx * Math.sign(dx) < -flickSpeed) return null;
    return dx > 0 ? "right" : "left";
  }
  if (dy <= 0) return null;
  const far = dy > card.height * shareOfHeight && vy > -flickSpeed;
  return far || (dy > flickDistance && vy > flickSpeed) ? "down" : null;
}

/** How near a drag is to being an answer: direction and 0 to 1. */
export function lean(dx: number, dy: number, card: Size): { direction: Direction | null; share: number } {
  if (Math.abs(dx) >= Math.abs(dy)) {
    const share = Math.min(1, Math.abs(dx) / (card.width * shareOfWidth));
    return { direction: dx === 0 ? null : dx > 0 ? "right" : "left", share };
  }
  return dy > 0 ? { direction: "down", share: Math.min(1, dy / (card.height * shareOfHeight)) } : { direction: null, share: 0 };
}

/** Speed at the end of a drag, from its last 80 ms. */
export function speed(trail: { x: number; y: number; at: number }[]): { vx: number; vy: number } {
  const last = trail[trail.length - 1];
  if (!last) return { vx: 0, vy: 0 };
  const first = trail.find((point) => last.at - point.at <= 80) ?? last;
  const time = last.at - first.at;
  return time <= 0 ? { vx: 0, vy: 0 } : { vx: (last.x - first.x) / time, vy: (last.y - first.y) / time };
}

/** How the picture lies in its card: scaled around the centre, then moved. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

export const wholePicture: View = { scale: 1, x: 0, y: 0 };
export const largestScale = 8;

/** Scales by `factor` so that the point (x, y), measured from the card's centre, stays where it is. */
export function zoom(view: View, factor: number, x: number, y: number, card: Size): View {
  const scale = Math.min(largestScale, Math.max(1, view.scale * factor));
  const ratio = scale / view.scale;
  return keepInside({ scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio }, card);
}

/** Moves the picture, never so far that its card shows an empty margin. */
export function pan(view: View, dx: number, dy: number, card: Size): View {
  return keepInside({ ...view, x: view.x + dx, y: view.y + dy }, card);
}

function keepInside(view: View, card: Size): View {
  if (view.scale <= 1) return wholePicture;
  const mostX = ((view.scale - 1) * card.width) / 2;
  const mostY = ((view.scale - 1) * card.height) / 2;
  return { scale: view.scale, x: clamp(view.x, mostX), y: clamp(view.y, mostY) };
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}

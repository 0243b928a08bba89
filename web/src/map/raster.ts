import type { Renderer, Scene } from "./renderer";
import { type View, mapX, mapY } from "./view";

/** Points drawn while the view moves; the rest follow when it stands. */
const mostMoving = 250_000;

/**
 * Draws points into pixels without a graphics processor: counts them a pixel, the last one's colour stays, and the more a pixel has the fuller it is, by the logarithm. Ten times faster than
 * WebGL where that is done in software.
 */
export class RasterRenderer implements Renderer {
  readonly kind = "raster";
  private readonly context: CanvasRenderingContext2D;
  private image: ImageData | null = null;
  private counts = new Uint16Array(0);

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d", { alpha: false })!;
  }

  draw(scene: Scene, view: View, ratio: number, moving: boolean): void {
    const width = Math.max(1, Math.round(view.width * ratio));
    const height = Math.max(1, Math.round(view.height * ratio));
    if (this.image?.width !== width || this.image.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.image = this.context.createImageData(width, height);
      this.counts = new Uint16Array(width * height);
    }
    const image = this.image!;
    const pixels = new Uint32Array(image.data.buffer);
    pixels.fill(scene.background);
    this.counts.fill(0);
    const most = this.count(scene, view, ratio, moving, pixels, width, height);
    this.tone(pixels, scene.background, most);
    this.context.putImageData(image, 0, 0);
  }

  private count(scene: Scene, view: View, ratio: number, moving: boolean, pixels: Uint32Array, width: number, height: number): number {
    const { points, colours } = scene;
    const { counts } = this;
    const scale = view.scale * ratio;
    const offsetX = width / 2 - view.x * scale;
    const offsetY = height / 2 + view.y * scale;
    const size = Math.round(sizeOf(view, points.count) * ratio);
    const before = size >> 1;
    let most = 0;
    const put = (i: number) => {
      const colour = colours[i]!;
      if (colour === 0) return;
      const left = Math.floor(offsetX + points.x[i]! * scale) - before;
      const top = Math.floor(offsetY - points.y[i]! * scale) - before;
      for (let y = Math.max(0, top); y < Math.min(height, top + size); y++)
        for (let x = Math.max(0, left); x < Math.min(width, left + size); x++) {
          const at = y * width + x;
          pixels[at] = colour;
          const count = counts[at]! + 1;
          if (count < 65_535) counts[at] = count;
          if (count > most) most = count;
        }
    };
    const [left, right] = [mapX(view, -size), mapX(view, view.width + size)];
    const [bottom, top] = [mapY(view, view.height + size), mapY(view, -size)];
    if ((right - left) * (top - bottom) < 65_535 ** 2 / 2) {
      scene.grid.near(left, bottom, right, top, put);
      return most;
    }
    const step = moving ? Math.max(1, Math.ceil(points.count / mostMoving)) : 1;
    if (size > 1) {
      for (let i = 0; i < points.count; i += step) put(i);
      return most;
    }
    // The common case of very many points, a pixel each.
    const { x, y, count } = points;
    for (let i = 0; i < count; i += step) {
      const colour = colours[i]!;
      if (colour === 0) continue;
      const column = (offsetX + x[i]! * scale) | 0;
      const row = (offsetY - y[i]! * scale) | 0;
      if (column < 0 || row < 0 || column >= width || row >= height) continue;
      const at = row * width + column;
      pixels[at] = colour;
      const n = ++counts[at]!;
      if (n > most) most = n;
    }
    return most;
  }

  /** Mixes each pixel's colour with the ground by how many points it has. */
  private tone(pixels: Uint32Array, background: number, most: number): void {
    if (most <= 1) return;
    const levels = new Uint16Array(1024);
    const full = Math.log(1 + most);
    for (let n = 1; n < levels.length; n++) levels[n] = Math.round(256 * Math.min(1, 0.4 + (0.6 * Math.log(1 + n)) / full));
    const [backRed, backGreen, backBlue] = [background & 255, (background >> 8) & 255, (background >> 16) & 255];
    const { counts } = this;
    for (let i = 0; i < counts.length; i++) {
      const n = counts[i]!;
      if (n === 0) continue;
      const share = levels[n < 1024 ? n : 1023]!;
      const rest = 256 - share;
      const colour = pixels[i]!;
      const red = ((colour & 255) * share + backRed * rest) >> 8;
      const green = (((colour >> 8) & 255) * share + backGreen * rest) >> 8;
      const blue = (((colour >> 16) & 255) * share + backBlue * rest) >> 8;
      pixels[i] = (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
    }
  }
}

/** Side of a point in pixels of the page: more for few points, and for all when they are seen from near. */
export function sizeOf(view: View, count: number): number {
  const far = count < 2_000 ? 6 : count < 20_000 ? 4 : count < 100_000 ? 2 : 1;
  const near = view.scale / (Math.min(view.width, view.height) / 65_535);
  return Math.min(10, far * Math.max(1, Math.sqrt(near / 2)));
}

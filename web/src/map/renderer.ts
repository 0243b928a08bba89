import type { PointGrid } from "./pointGrid";
import type { Points } from "./points";
import { RasterRenderer } from "./raster";
import type { View } from "./view";
import { WebGlRenderer } from "./webgl";

/** What is drawn. A change of colours is another scene with another array. */
export interface Scene {
  points: Points;
  grid: PointGrid;
  /** A packed colour a point; 0 is not drawn. */
  colours: Uint32Array;
  /** Packed. */
  background: number;
}

export interface Renderer {
  readonly kind: "raster" | "webgl";
  /**
   * @param ratio Pixels of the device for one of the page.
   * @param moving Whether the next frame follows at once: then fewer points may be drawn.
   */
  draw(scene: Scene, view: View, ratio: number, moving: boolean): void;
}

/** WebGL where a graphics processor does it; in software it is ten times slower than counting points ourselves. `?renderer=` decides otherwise, for tests. */
export function chooseRenderer(canvas: HTMLCanvasElement): Renderer {
  const asked = new URLSearchParams(location.search).get("renderer");
  if (asked !== "raster" && (asked === "webgl" || hasProcessor())) {
    try {
      return new WebGlRenderer(canvas);
    } catch {
      // The driver is on a list of bad ones, or out of memory: the raster needs neither.
    }
  }
  return new RasterRenderer(canvas);
}

function hasProcessor(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (!gl) return false;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !/swiftshader|llvmpipe|software|basic render/i.test(name);
}

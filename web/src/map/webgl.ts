import { sizeOf } from "./raster";
import type { Renderer, Scene } from "./renderer";
import type { View } from "./view";

const vertices = `#version 300 es
in vec2 place;
in vec4 colour;
uniform vec2 middle;
uniform vec2 scale;
uniform float size;
out vec4 shade;
void main() {
  gl_Position = vec4((place - middle) * scale, 0.0, 1.0);
  gl_PointSize = colour.a == 0.0 ? 0.0 : size;
  if (colour.a == 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  shade = colour;
}`;

const fragments = `#version 300 es
precision mediump float;
in vec4 shade;
uniform float size;
uniform float opacity;
out vec4 result;
void main() {
  vec2 offset = gl_PointCoord - 0.5;
  if (size > 2.5 && dot(offset, offset) > 0.25) discard;
  result = vec4(shade.rgb, opacity);
}`;

/** Draws points with a graphics processor. */
export class WebGlRenderer implements Renderer {
  readonly kind = "webgl";
  private readonly gl: WebGL2RenderingContext;
  private readonly program: WebGLProgram;
  private readonly places: WebGLBuffer;
  private readonly shades: WebGLBuffer;
  private known: Scene | null = null;

  /** Throws where there is no WebGL 2. */
  constructor(private readonly canvas: HTMLCanvasElement) {
    const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("no WebGL 2");
    this.gl = gl;
    this.program = gl.createProgram()!;
    for (const [kind, source] of [
      [gl.VERTEX_SHADER, vertices],
      [gl.FRAGMENT_SHADER, fragments],
    ] as const) {
      const shader = gl.createShader(kind)!;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.program, shader);
    }
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(this.program) ?? "no program");
    gl.useProgram(this.program);
    this.places = gl.createBuffer()!;
    this.shades = gl.createBuffer()!;
  }

  draw(scene: Scene, view: View, ratio: number): void {
    const { gl } = this;
    const [width, height] = [Math.max(1, Math.round(view.width * ratio)), Math.max(1, Math.round(view.height * ratio))];
    if (this.canvas.width !== width || this.canvas.height !== height) [this.canvas.width, this.canvas.height] = [width, height];
    gl.viewport(0, 0, width, height);
    this.upload(scene);
    const size = Math.max(1, sizeOf(view, scene.points.count) * ratio);
    const set = (name: string) => gl.getUniformLocation(this.program, name);
    gl.uniform2f(set("middle"), view.x, view.y);
    gl.uniform2f(set("scale"), (2 * view.scale * ratio) / width, (2 * view.scale * ratio) / height);
    gl.uniform1f(set("size"), size);
    // Very many points would be one blot: each is a little transparent, and a crowd fuller.
    gl.uniform1f(set("opacity"), scene.points.count > 200_000 && size < 3 ? 0.45 : 0.9);
    const ground = scene.background;
    gl.clearColor((ground & 255) / 255, ((ground >> 8) & 255) / 255, ((ground >> 16) & 255) / 255, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArrays(gl.POINTS, 0, scene.points.count);
  }

  private upload(scene: Scene): void {
    const { gl } = this;
    if (this.known?.points !== scene.points) {
      const pairs = new Uint16Array(2 * scene.points.count);
      for (let i = 0; i < scene.points.count; i++) [pairs[2 * i], pairs[2 * i + 1]] = [scene.points.x[i]!, scene.points.y[i]!];
      gl.bindBuffer(gl.ARRAY_BUFFER, this.places);
      gl.bufferData(gl.ARRAY_BUFFER, pairs, gl.STATIC_DRAW);
      this.attribute("place", 2, gl.UNSIGNED_SHORT, false);
    }
    if (this.known?.colours !== scene.colours) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.shades);
      gl.bufferData(gl.ARRAY_BUFFER, scene.colours, gl.DYNAMIC_DRAW);
      this.attribute("colour", 4, gl.UNSIGNED_BYTE, true);
    }
    this.known = scene;
  }

  private attribute(name: string, size: number, type: number, normalised: boolean): void {
    const place = this.gl.getAttribLocation(this.program, name);
    this.gl.enableVertexAttribArray(place);
    this.gl.vertexAttribPointer(place, size, type, normalised, 0, 0);
  }
}

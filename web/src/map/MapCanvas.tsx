import { useEffect, useRef, useState } from "preact/hooks";
import { settings } from "../settings";
import { texts } from "../texts";
import { pageColour } from "../ui/pageColour";
import { packed } from "./colours";
import { drawOverlay, mostPictures } from "./overlay";
import { idOf } from "./points";
import type { MapModel } from "./model";
import { chooseRenderer, type Renderer } from "./renderer";
import { Thumbnails } from "./thumbnails";
import { type Extent, extentOf, fitted, mapX, mapY, panned, resized, screenX, screenY, type View, zoomed } from "./view";

export type Tool = "move" | "box" | "lasso";

interface Props {
  model: MapModel;
  tool: Tool;
  onPick(point: number): void;
}

const settleAfter = 140;
const tapWithin = 6;
const pickWithin = 14;

/** The map itself: two canvases, points beneath, pictures and lines above; fingers, mouse and keys. */
export function MapCanvas({ model, tool, onPick }: Props) {
  const below = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const stage = useRef<Stage | null>(null);
  const [hovered, setHovered] = useState<{ id: string; x: number; y: number } | null>(null);

  useEffect(() => {
    const made = new Stage(model, below.current!, above.current!, setHovered, onPick);
    stage.current = made;
    return () => made.dispose();
  }, [model]);
  if (stage.current) {
    stage.current.tool = tool;
    stage.current.onPick = onPick;
  }
  // Read here, so that this is drawn again when they change.
  const [loaded, colours] = [model.loaded.value, model.colours.value];
  useEffect(() => stage.current?.changed(), [loaded, colours]);
  const scheme = settings.value.scheme;
  useEffect(() => stage.current?.recolour(), [scheme]);

  return (
    <div class="map-stage">
      <canvas ref={below} class="map-points" aria-hidden="true" />
      <canvas
        ref={above}
        class={`map-touch ${tool}`}
        tabIndex={0}
        role="application"
        aria-label={texts.map.canvas}
        aria-describedby="map-keys"
        onKeyDown={(event) => stage.current?.key(event)}
      />
      {hovered && (
        <figure class="map-hover" style={{ left: `${hovered.x}px`, top: `${hovered.y}px` }} aria-hidden="true">
          <img src={`/api/images/${hovered.id}/picture?size=256`} alt="" width={144} height={144} />
          <figcaption>{hovered.id}</figcaption>
        </figure>
      )}
    </div>
  );
}

/** What the canvases do; kept out of the component, which is drawn anew for other reasons. */
class Stage {
  tool: Tool = "move";
  private view: View = fitted(1, 1);
  private readonly renderer: Renderer;
  private readonly thumbnails = new Thumbnails(() => this.ask(false));
  private readonly ending = new AbortController();
  private readonly size: ResizeObserver;
  private readonly pointers = new Map<number, { x: number; y: number }>();
  private line: number[] = [];
  private start: { x: number; y: number; moved: boolean } | null = null;
  private frame = 0;
  private moving = false;
  private settle: ReturnType<typeof setTimeout> | undefined;
  private drawnPoints: unknown = null;
  private fittedPoints: unknown = null;
  private extent: Extent | undefined;
  private ground = 0;

  constructor(
    private readonly model: MapModel,
    private readonly below: HTMLCanvasElement,
    private readonly above: HTMLCanvasElement,
    private readonly hover: (hovered: { id: string; x: number; y: number } | null) => void,
    public onPick: (point: number) => void,
  ) {
    this.renderer = chooseRenderer(below);
    below.dataset["renderer"] = this.renderer.kind;
    this.size = new ResizeObserver(() => this.resize());
    this.size.observe(above);
    const options = { signal: this.ending.signal };
    above.addEventListener("pointerdown", (event) => this.down(event), options);
    above.addEventListener("pointermove", (event) => this.move(event), options);
    above.addEventListener("pointerup", (event) => this.up(event), options);
    above.addEventListener("pointercancel", (event) => this.cancel(event), options);
    above.addEventListener("pointerleave", () => this.hover(null), options);
    above.addEventListener("wheel", (event) => this.wheel(event), { ...options, passive: false });
    above.addEventListener("dblclick", (event) => this.zoom(2, event.offsetX, event.offsetY), options);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour(), options);
    this.recolour();
    this.resize();
  }

  dispose(): void {
    this.ending.abort();
    this.size.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settle);
  }

  /** Points or colours are others. */
  changed(): void {
    this.fit();
    this.ask(false);
  }

  /** Light or dark is another. */
  recolour(): void {
    this.ground = packed(pageColour(this.above.parentElement!, "surface"));
    this.ask(false);
  }

  key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = 60;
    const middle: [number, number] = [this.view.width / 2, this.view.height / 2];
    const moves: Record<string, [number, number]> = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const by = moves[event.key];
    if (by) this.look(panned(this.view, ...by));
    else if (event.key === "+" || event.key === "=") this.zoom(1.5, ...middle);
    else if (event.key === "-") this.zoom(1 / 1.5, ...middle);
    else if (event.key === "0") this.look(fitted(this.view.width, this.view.height, this.extent));
    else if (event.key === "Escape") this.model.choosePoints([], false);
    else if (event.key === "Enter") this.pick(...middle, 80);
    else return;
    event.preventDefault();
  }

  /** Other points are shown whole, whoever notices first that they are others. */
  private fit(): void {
    const points = this.model.loaded.value?.points;
    if (!points || points === this.fittedPoints) return;
    this.fittedPoints = points;
    this.extent = extentOf(points);
    this.view = fitted(this.view.width, this.view.height, this.extent);
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.above;
    if (clientWidth === 0 || clientHeight === 0) return;
    const first = this.view.width <= 1;
    this.view = first ? fitted(clientWidth, clientHeight, this.extent) : resized(this.view, clientWidth, clientHeight);
    this.ask(false);
  }

  private look(view: View): void {
    this.view = view;
    this.thumbnails.forgetWishes();
    this.ask(true);
  }

  private zoom(factor: number, x: number, y: number): void {
    this.look(zoomed(this.view, factor, x, y));
  }

  private ask(moving: boolean): void {
    if (moving) {
      this.moving = true;
      clearTimeout(this.settle);
      this.settle = setTimeout(() => {
        this.moving = false;
        this.ask(false);
      }, settleAfter);
    }
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    const loaded = this.model.loaded.value;
    if (!loaded || this.view.width <= 1) return;
    this.fit();
    // A phone's three pixels for one are more than dots need.
    const ratio = Math.min(2, devicePixelRatio || 1);
    const scene = { ...loaded, colours: this.model.colours.value, background: this.ground };
    this.renderer.draw(scene, this.view, ratio, this.moving);
    drawOverlay(this.above, this.view, ratio, {
      ...loaded,
      visible: this.model.visible.value,
      colours: scene.colours,
      thumbnails: this.thumbnails,
      line: this.line,
    });
    if (this.drawnPoints !== loaded.points) performance.mark("map-drawn");
    this.drawnPoints = loaded.points;
    this.below.dataset["drawn"] = String(loaded.points.count);
  }

  private down(event: PointerEvent): void {
    this.above.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.hover(null);
    this.start = { x: event.offsetX, y: event.offsetY, moved: false };
    this.line = this.pointers.size === 1 && this.tool !== "move" ? [event.offsetX, event.offsetY] : [];
  }

  private move(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    const now = { x: event.offsetX, y: event.offsetY };
    if (!before) {
      if (event.pointerType === "mouse") this.point(now.x, now.y);
      return;
    }
    if (this.start && Math.hypot(now.x - this.start.x, now.y - this.start.y) > tapWithin) this.start.moved = true;
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (other) {
      // Two fingers: the map follows both.
      const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      this.line = [];
      this.look(zoomed(panned(this.view, (now.x - before.x) / 2, (now.y - before.y) / 2), factor, (now.x + other.x) / 2, (now.y + other.y) / 2));
    } else if (this.line.length > 0) {
      const [x, y] = this.line as [number, number];
      this.line = this.tool === "box" ? [x, y, now.x, y, now.x, now.y, x, now.y] : [...this.line, now.x, now.y];
      this.ask(false);
    } else if (this.start?.moved) this.look(panned(this.view, now.x - before.x, now.y - before.y));
  }

  private up(event: PointerEvent): void {
    this.pointers.delete(event.pointerId);
    if (this.pointers.size > 0) return;
    if (this.line.length > 4 && this.start?.moved) {
      const inMap = this.line.map((value, i) => (i % 2 === 0 ? mapX(this.view, value) : mapY(this.view, value)));
      const visible = this.model.visible.value;
      const found = this.model.loaded.value?.grid.inside(inMap, (point) => visible[point] === 1) ?? [];
      this.model.choosePoints(found, event.shiftKey);
    } else if (this.start && !this.start.moved) this.pick(event.offsetX, event.offsetY, pickWithin);
    this.line = [];
    this.start = null;
    this.ask(false);
  }

  private cancel(event: PointerEvent): void {
    this.pointers.delete(event.pointerId);
    this.line = [];
    this.start = null;
    this.ask(false);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    this.hover(null);
    this.zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), event.offsetX, event.offsetY);
  }

  private point(x: number, y: number): void {
    const found = this.at(x, y, pickWithin);
    if (found < 0) {
      this.hover(null);
      return;
    }
    const { points } = this.model.loaded.value!;
    const [left, top] = [screenX(this.view, points.x[found]!), screenY(this.view, points.y[found]!)];
    this.hover({ id: idOf(points, found), x: Math.min(left + 14, this.view.width - 168), y: Math.min(Math.max(8, top - 80), this.view.height - 190) });
  }

  private pick(x: number, y: number, within: number): void {
    const found = this.at(x, y, within);
    if (found >= 0) this.onPick(found);
  }

  /** The visible point nearest to a place of the screen. */
  private at(x: number, y: number, within: number): number {
    const loaded = this.model.loaded.value;
    if (!loaded) return -1;
    const visible = this.model.visible.value;
    // Where pictures are drawn they are what is aimed at.
    const radius = this.view.scale * 256 > 60 && this.pictures() ? 32 : within;
    return loaded.grid.nearest(mapX(this.view, x), mapY(this.view, y), radius / this.view.scale, (point) => visible[point] === 1);
  }

  private pictures(): boolean {
    let count = 0;
    const { view } = this;
    this.model.loaded.value?.grid.near(mapX(view, 0), mapY(view, view.height), mapX(view, view.width), mapY(view, 0), () => count++);
    return count <= 4 * mostPictures;
  }
}

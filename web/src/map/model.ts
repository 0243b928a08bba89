import { computed, signal } from "@preact/signals";
import { explained } from "../search/search";
import { packed, palette } from "./colours";
import { type MapClusters, mapApi, type MapSummary } from "./mapApi";
import { PointGrid } from "./pointGrid";
import { type Column, idOf, none, type Points } from "./points";

/** What points are coloured and filtered by: "clusters", "groups", a column, or a task's "labels:TASK" or "scores:TASK". */
export type By = string;

/** Values that are shown: some categories, or a part of a scale in its steps. */
export type Filter = { hidden: ReadonlySet<number> } | { low: number; high: number };

/** A person's view of a map: which one, its colours, what is filtered and what is chosen. The page draws it; nothing here touches the document. */
export class MapModel {
  readonly maps = signal<MapSummary[] | null>(null);
  readonly map = signal<MapSummary | null>(null);
  readonly loaded = signal<{ points: Points; grid: PointGrid } | null>(null);
  readonly clusters = signal<MapClusters | null>(null);
  readonly by = signal<By>("clusters");
  readonly columns = signal<ReadonlyMap<By, Column>>(new Map());
  /** All of them hold together, whatever the points are coloured by. */
  readonly filters = signal<ReadonlyMap<By, Filter>>(new Map());
  /** Chosen points, ascending. */
  readonly chosen = signal<readonly number[]>([]);
  /** Points hidden while the page is open; later the server's list has them under "state". */
  readonly hidden = signal<ReadonlySet<number>>(new Set());
  readonly problem = signal<string | null>(null);

  readonly column = computed<Column | null>(() => this.columns.value.get(this.by.value) ?? null);
  readonly visible = computed(() => this.mask());
  readonly shown = computed(() => this.visible.value.reduce((sum, one) => sum + one, 0));
  readonly colours = computed(() => this.paint());

  constructor(private readonly api = mapApi) {}

  async open(): Promise<void> {
    await this.attempt(async () => {
      const maps = await this.api.list();
      this.maps.value = maps;
      if (maps[0]) await this.choose(maps[0]);
    });
  }

  async choose(map: MapSummary): Promise<void> {
    this.map.value = map;
    this.loaded.value = null;
    this.chosen.value = [];
    this.hidden.value = new Set();
    this.filters.value = new Map();
    this.columns.value = new Map();
    this.by.value = "clusters";
    await this.attempt(async () => {
      const points = await this.api.points(map);
      if (this.map.value !== map) return;
      const count = (column: Uint16Array) => column.reduce((most, value) => (value !== none && value + 1 > most ? value + 1 : most), 0);
      const named = (values: Uint16Array): Column => ({ values, names: Array.from({ length: count(values) }, (_, i) => String(i + 1)) });
      this.columns.value = new Map([
        ["clusters", named(points.clusters)],
        ["groups", named(points.groups)],
      ]);
      this.loaded.value = { points, grid: new PointGrid(points) };
      const clusters = await this.api.clusters(map);
      if (this.map.value === map) this.clusters.value = clusters;
    });
  }

  async colourBy(by: By): Promise<void> {
    const map = this.map.value;
    if (!map) return;
    this.by.value = by;
    if (this.columns.value.has(by)) return;
    await this.attempt(async () => {
      const [kind, task] = by.split(/:(.*)/s) as [string, string | undefined];
      const column = task === undefined ? await this.api.column(map, kind) : await this.api.taskColumn(map, task, kind as "labels" | "scores");
      if (this.map.value === map) this.columns.value = new Map([...this.columns.value, [by, column]]);
    });
  }

  /** Shows or hides a category of what points are coloured by. */
  toggle(value: number): void {
    const filter = this.filters.value.get(this.by.value);
    const hidden = new Set(filter && "hidden" in filter ? filter.hidden : []);
    if (!hidden.delete(value)) hidden.add(value);
    this.filter(hidden.size > 0 ? { hidden } : null);
  }

  /** Shows one category alone, or all again when it is alone already. */
  only(value: number, values: readonly number[]): void {
    const filter = this.filters.value.get(this.by.value);
    const others = values.filter((other) => other !== value);
    const alone = filter && "hidden" in filter && filter.hidden.size === others.length && !filter.hidden.has(value);
    this.filter(alone ? null : { hidden: new Set(others) });
  }

  filter(filter: Filter | null): void {
    const filters = new Map(this.filters.value);
    if (filter) filters.set(this.by.value, filter);
    else filters.delete(this.by.value);
    this.filters.value = filters;
    this.keepVisible();
  }

  clearFilters(): void {
    this.filters.value = new Map();
  }

  /** Chooses points; `add` keeps those chosen before. */
  choosePoints(points: readonly number[], add: boolean): void {
    this.chosen.value = add ? [...new Set([...this.chosen.value, ...points])].sort((a, b) => a - b) : points;
  }

  /** Points of a cluster or group that are shown. */
  chooseCluster(kind: "clusters" | "groups", number: number): void {
    const values = this.columns.value.get(kind)?.values;
    if (!values) return;
    const points: number[] = [];
    for (let i = 0; i < values.length; i++) if (values[i] === number && this.visible.value[i] === 1) points.push(i);
    this.chosen.value = points;
  }

  ids(): string[] {
    const points = this.loaded.value?.points;
    return points ? this.chosen.value.map((point) => idOf(points, point)) : [];
  }

  async hideChosen(): Promise<number> {
    const points = this.chosen.value;
    const ids = this.ids();
    let changed = 0;
    for (let first = 0; first < ids.length; first += mostHidden) changed += (await this.api.hide(ids.slice(first, first + mostHidden))).changed;
    this.hidden.value = new Set([...this.hidden.value, ...points]);
    const columns = new Map(this.columns.value);
    columns.delete("state");
    this.columns.value = columns;
    this.chosen.value = [];
    return changed;
  }

  /** The chosen ones as a table. */
  table(): string {
    const loaded = this.loaded.value;
    if (!loaded) return "";
    const { points } = loaded;
    const number = (value: number) => (value === none ? "" : String(value + 1));
    const lines = this.chosen.value.map((point) => [idOf(points, point), points.x[point], points.y[point], number(points.clusters[point]!), number(points.groups[point]!)].join(","));
    return ["image,x,y,cluster,group", ...lines, ""].join("\n");
  }

  private mask(): Uint8Array {
    const count = this.loaded.value?.points.count ?? 0;
    const mask = new Uint8Array(count).fill(1);
    for (const [by, filter] of this.filters.value) {
      const values = this.columns.value.get(by)?.values;
      if (!values) continue;
      if ("hidden" in filter) {
        const off = new Uint8Array(65_536);
        for (const value of filter.hidden) off[value] = 1;
        for (let i = 0; i < count; i++) if (off[values[i]!] === 1) mask[i] = 0;
      } else for (let i = 0; i < count; i++) if (values[i]! < filter.low || values[i]! > filter.high) mask[i] = 0;
    }
    for (const point of this.hidden.value) mask[point] = 0;
    return mask;
  }

  private paint(): Uint32Array {
    const mask = this.visible.value;
    const colours = new Uint32Array(mask.length);
    const column = this.column.value;
    const shades = column ? palette(column) : null;
    for (let i = 0; i < colours.length; i++) if (mask[i] === 1) colours[i] = shades ? shades[column!.values[i]!]! : pale;
    const chosen = this.chosen.value;
    if (chosen.length === 0) return colours;
    // What is chosen keeps its colour; all else steps back.
    const dim = new Uint32Array(colours.length);
    for (let i = 0; i < dim.length; i++) if (colours[i] !== 0) dim[i] = pale;
    for (const point of chosen) dim[point] = colours[point]!;
    return dim;
  }

  private keepVisible(): void {
    this.chosen.value = this.chosen.value.filter((point) => this.visible.value[point] === 1);
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.problem.value = null;
    try {
      await work();
    } catch (error) {
      this.problem.value = explained(error);
    }
  }
}

const mostHidden = 20_000;
const pale = packed([128, 134, 142]);

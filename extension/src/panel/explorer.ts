import { computed, signal } from "@preact/signals";
import { type FilterForm, noFilter, toFilter } from "../../../web/src/search/filter";
import type { Choices, Filter, Hit, QueryTerm, QueueAddition, SearchAnswer } from "../../../web/src/search/searchApi";
import { ApiError, call, type Connection, OfflineError } from "../server";
import { texts } from "../texts";
import { candidates, type Extent, type LayerPart, parse, part, type View } from "../worldview/permalink";
import { middle, type Place } from "../worldview/places";
import { extentOfFrame, type Frame, merged, middleFrame, nearby } from "./merge";

/** What the server shows of the map's view. */
export interface Preview {
  layer: string;
  time: string | null;
  box: { south: number; west: number; north: number; east: number };
  width: number;
  height: number;
  noDataShare: number;
  picture: string;
}

export type Mark = "good" | "bad";

/** The part of the map that is searched by, once for each size. */
interface Part {
  preview: string;
  frame: Frame;
  parts: LayerPart[];
  /** As the server made them at the first search, so that none is fetched again. */
  embeddings: (number[] | null)[];
}

const count = 60;
const previewSize = 512;
const factors = [1, 0.5, 2];

export type Ask = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** Everything that the panel shows and does; nothing here touches the document. */
export class Explorer {
  readonly view = signal<View | null>(null);
  readonly side = signal<"a" | "b">("a");
  /** Chosen here; null for the likeliest of the map. */
  readonly chosenLayer = signal<string | null>(null);
  readonly chosenDate = signal<string | null>(null);
  readonly preview = signal<Preview | null>(null);
  readonly previewBusy = signal(false);
  readonly previewProblem = signal<string | null>(null);
  readonly frame = signal<Frame | null>(null);
  readonly manySizes = signal(false);
  readonly part = signal<Part | null>(null);
  readonly good = signal<Hit[]>([]);
  readonly bad = signal<Hit[]>([]);
  readonly hits = signal<Hit[] | null>(null);
  readonly near = signal<Hit | null>(null);
  readonly busy = signal(false);
  readonly problem = signal<string | null>(null);
  readonly filter = signal<FilterForm>(noFilter);
  readonly choices = signal<Choices | null>(null);

  readonly layers = computed(() => (this.view.value ? candidates(this.map(this.view.value)) : []));
  readonly layer = computed(() => this.chosenLayer.value ?? this.layers.value[0] ?? null);
  readonly time = computed(() => this.chosenDate.value ?? (this.view.value ? this.map(this.view.value).time : null));
  readonly place = computed<Place | null>(() => (this.preview.value ? middle(this.preview.value.box) : null));
  readonly shown = computed(() => (this.near.value && this.hits.value ? nearby(this.hits.value, this.near.value) : this.hits.value));

  private newestPreview = 0;
  private newestSearch = 0;
  private shownPart = "";

  /** @param onRefused Called when the server no longer takes the key. */
  constructor(
    readonly connection: Connection,
    private readonly onRefused: () => void,
    private readonly ask: Ask = (method, path, body) => call(connection, method, path, body),
  ) {}

  /** The map shows something else: what was chosen for the view before is forgotten, the query and its hits stay. */
  async showAddress(url: string, now: Date): Promise<void> {
    const view = parse(url, now);
    if (!view) return;
    this.view.value = view;
    this.side.value = view.active;
    this.chosenLayer.value = null;
    this.chosenDate.value = null;
    await this.showPreview();
  }

  async choose(change: { side?: "a" | "b"; layer?: string; date?: string }): Promise<void> {
    if (change.side) [this.side.value, this.chosenLayer.value, this.chosenDate.value] = [change.side, null, null];
    if (change.layer) this.chosenLayer.value = change.layer;
    if (change.date) this.chosenDate.value = change.date;
    await this.showPreview();
  }

  /** Asks for the view's picture, unless it is there. Answers that come late are left aside. */
  async showPreview(): Promise<void> {
    const view = this.view.value;
    const layer = this.layer.value;
    const wanted = view && layer ? part(layer, this.time.value, view.projection, view.extent) : null;
    const run = ++this.newestPreview;
    this.previewProblem.value = !view ? null : !layer ? texts.noLayer : !wanted ? texts.noPart : null;
    if (!wanted) {
      [this.preview.value, this.frame.value, this.shownPart, this.previewBusy.value] = [null, null, "", false];
      return;
    }
    if (JSON.stringify(wanted) === this.shownPart) return;
    this.previewBusy.value = true;
    try {
      const preview = await this.ask<Preview>("POST", "/api/layers/picture", { part: wanted, size: previewSize });
      if (run !== this.newestPreview) return;
      this.preview.value = preview;
      this.frame.value = middleFrame(preview.width, preview.height);
      this.shownPart = JSON.stringify(wanted);
    } catch (error) {
      if (run !== this.newestPreview) return;
      [this.preview.value, this.frame.value, this.shownPart] = [null, null, ""];
      this.previewProblem.value = this.explained(error);
    } finally {
      if (run === this.newestPreview) this.previewBusy.value = false;
    }
  }

  async loadChoices(): Promise<void> {
    try {
      this.choices.value = await this.ask<Choices>("GET", "/api/search/choices");
    } catch (error) {
      this.problem.value = this.explained(error);
    }
  }

  /** Begins a search with the chosen part of the map. */
  async find(): Promise<void> {
    const [view, layer, frame, preview] = [this.view.value, this.layer.value, this.frame.value, this.preview.value];
    if (!view || !layer || !frame || !preview) return;
    const parts = (this.manySizes.value ? factors : [1])
      .map((factor) => part(layer, this.time.value, view.projection, extentOfFrame(onEarth(view), frame, factor)))
      .filter((one) => one !== null);
    [this.good.value, this.bad.value, this.near.value] = [[], [], null];
    this.part.value = { preview: preview.picture, frame, parts, embeddings: parts.map(() => null) };
    await this.run();
  }

  /** Begins a search with one picture of the archive. */
  async like(hit: Hit): Promise<void> {
    [this.part.value, this.good.value, this.bad.value, this.near.value] = [null, [hit], [], null];
    await this.run();
  }

  /** Puts a hit into the query, on the other side when it was there, or takes it away when it is there already and is not to `stay`. */
  mark(hit: Hit, mark: Mark, stay = false): void {
    const was = this.markOf(hit.imageId);
    this.unmark(hit.imageId);
    if (was === mark && !stay) return;
    const list = mark === "good" ? this.good : this.bad;
    list.value = [...list.value, hit];
  }

  unmark(imageId: string): void {
    for (const list of [this.good, this.bad]) if (list.value.some((hit) => hit.imageId === imageId)) list.value = list.value.filter((hit) => hit.imageId !== imageId);
  }

  markOf(imageId: string): Mark | null {
    if (this.good.value.some((hit) => hit.imageId === imageId)) return "good";
    return this.bad.value.some((hit) => hit.imageId === imageId) ? "bad" : null;
  }

  async changeFilter(change: Partial<FilterForm>): Promise<void> {
    this.filter.value = { ...this.filter.value, ...change };
    if (this.part.value || this.good.value.length > 0) await this.run();
  }

  /** Searches by what is there now, once for each size, and joins what was found. */
  async run(): Promise<void> {
    const run = ++this.newestSearch;
    const made = toFilter(this.filter.value);
    if ("wrong" in made) {
      this.problem.value = texts.filters.wrongDates;
      return;
    }
    const query = this.part.value;
    const good = this.good.value.map(({ imageId }): QueryTerm => ({ image: imageId }));
    if (!query && good.length === 0) return;
    [this.busy.value, this.problem.value] = [true, null];
    try {
      const answers = await Promise.all(query ? query.parts.map((_, size) => this.search(query, size, good, made.filter)) : [this.searchBy(good, made.filter)]);
      if (run !== this.newestSearch) return;
      this.hits.value = merged(answers.map((answer) => answer.hits), count);
      if (this.near.value && !this.hits.value.some((hit) => hit.imageId === this.near.value?.imageId)) this.near.value = null;
    } catch (error) {
      if (run === this.newestSearch) this.problem.value = this.explained(error);
    } finally {
      if (run === this.newestSearch) this.busy.value = false;
    }
  }

  /** Puts hits into a task's queue; the task is made when it has a question. */
  async send(task: { name: string } | { name: string; question: string }, hits: readonly Hit[]): Promise<QueueAddition> {
    if ("question" in task) await this.ask("POST", "/api/tasks", task);
    return await this.ask<QueueAddition>("POST", `/api/tasks/${encodeURIComponent(task.name)}/queue`, { images: hits.map((hit) => hit.imageId) });
  }

  tasks(): Promise<{ name: string; question: string }[]> {
    return this.ask("GET", "/api/tasks");
  }

  explained(error: unknown): string {
    if (error instanceof OfflineError) return texts.dead(this.connection.server);
    if (!(error instanceof ApiError)) return texts.failed;
    if (error.status === 401) this.onRefused();
    return `${error.message} ${error.nextStep}`.trim();
  }

  private map(view: View) {
    return this.side.value === "b" && view.b ? view.b : view.a;
  }

  private async search(query: Part, size: number, good: readonly QueryTerm[], filter: Filter): Promise<SearchAnswer> {
    const known = query.embeddings[size];
    if (known) return await this.searchBy([{ embedding: known }, ...good], filter);
    const answer = await this.searchBy([{ part: query.parts[size]! }], filter);
    query.embeddings[size] = answer.embedding;
    return good.length + this.bad.value.length > 0 ? await this.search(query, size, good, filter) : answer;
  }

  private searchBy(positives: readonly (QueryTerm | { part: LayerPart })[], filter: Filter): Promise<SearchAnswer> {
    return this.ask("POST", "/api/search", { positives, negatives: this.bad.value.map(({ imageId }) => ({ image: imageId })), count, filter });
  }
}

/** The preview shows the part of the view that lies on the Earth. */
function onEarth({ projection, extent }: View): Extent {
  if (projection !== "geographic") return extent;
  const whole = extent.right - extent.left >= 360;
  return { left: whole ? -180 : extent.left, right: whole ? 180 : extent.right, bottom: Math.max(-90, extent.bottom), top: Math.min(90, extent.top) };
}

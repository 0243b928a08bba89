import { batch, computed, effect, type Signal, signal, untracked } from "@preact/signals";
import { type Answer, api, ApiError, type Item, OfflineError, type Progress, type Task } from "../api";
import { Kept } from "../kept";
import { newOperationId } from "../operationId";
import { answeredAmong, type Outbox } from "../outbox";
import { Pictures } from "./pictures";

/** What a person did with a picture: one of the task's classes, or null for unsure. */
export interface Given {
  item: Item;
  value: string | null;
}

const undoDepth = 10;
const hold = 24;
const refillBelow = 14;
const decodeAhead = 12;
const idleRetry = 5_000;

/**
 * One task as one person works through it: the pictures at hand, the last answers that can be taken back, and where the round stands. Answers
 * count at once; the outbox brings them to the server.
 */
export class Deck {
  readonly items = signal<Item[]>([]);
  readonly current = computed(() => this.items.value[0] ?? null);
  readonly history = signal<Given[]>([]);
  readonly progress: Signal<Progress>;
  /** Pictures of the round with an answer, those on their way to the server included. */
  readonly doneInRound = signal(0);
  readonly times = signal<number[]>([]);
  readonly filling = signal(true);
  readonly problem = signal<ApiError | null>(null);

  private readonly answered = new Set<string>();
  private readonly keptHistory: Kept<Given>;
  private readonly keptItems: Kept<Item>;
  private readonly pictures = new Pictures();
  private shownAt = Date.now();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private started = false;
  private stopWatching: (() => void) | undefined;

  constructor(
    readonly task: Task,
    private readonly outbox: Outbox,
    workspace: string,
    private readonly pictureSize: number,
  ) {
    this.progress = signal(task.progress);
    this.keptHistory = new Kept(`history/${workspace}/${task.name}`);
    this.keptItems = new Kept(`items/${workspace}/${task.name}`);
    this.history.value = this.keptHistory.read();
    this.stand(task.progress);
  }

  async open(): Promise<void> {
    for (const id of answeredAmong(await this.outbox.pending(this.task.name))) this.answered.add(id);
    void this.outbox.flush();
    await this.fill();
    // The server's view of the round is stale until the last answers are there.
    this.stopWatching = effect(() => {
      if (this.outbox.unsent.value === 0 && this.items.value.length === 0) untracked(() => void this.fill());
    });
  }

  close(): void {
    this.closed = true;
    this.stopWatching?.();
    clearTimeout(this.retry);
  }

  pictureOf(item: Item): string {
    return `${item.picture}&size=${this.pictureSize}`;
  }

  /** Answers the picture on top. */
  answer(value: string | null): void {
    const item = this.current.value;
    if (!item) return;
    this.record(item, value === null ? "unsure" : "label", value);
    this.answered.add(item.imageId);
    batch(() => {
      this.items.value = this.items.value.slice(1);
      this.remember([...this.history.value, { item, value }].slice(-undoDepth));
      this.doneInRound.value = Math.min(this.progress.value.asked, this.doneInRound.value + 1);
      this.times.value = [...this.times.value, Date.now()];
    });
    this.shown();
    if (this.items.value.length < refillBelow) void this.fill();
  }

  /** Takes the last answer back and shows its picture again. */
  undo(): Given | null {
    const last = this.history.value[this.history.value.length - 1];
    if (!last) return null;
    this.record(last.item, "undo", null);
    this.answered.delete(last.item.imageId);
    batch(() => {
      this.items.value = [last.item, ...this.items.value.filter((item) => item.imageId !== last.item.imageId)];
      this.remember(this.history.value.slice(0, -1));
      this.doneInRound.value = Math.max(0, this.doneInRound.value - 1);
      this.times.value = this.times.value.slice(0, -1);
    });
    this.shown();
    return last;
  }

  /** News from the server. */
  observe(progress: Progress): void {
    this.stand(progress);
    if (this.items.value.length === 0 && progress.open > 0 && this.started) void this.fill();
  }

  /** Asks for pictures until enough are at hand; tries again later when none come. */
  async fill(): Promise<void> {
    if (this.filling.value && this.started) return;
    this.started = true;
    this.filling.value = true;
    clearTimeout(this.retry);
    try {
      const next = await api.next(this.task.name, hold);
      if (this.closed) return;
      batch(() => {
        this.problem.value = null;
        this.append(next.items);
        this.filling.value = false;
        this.stand(next.progress);
      });
      this.shown();
    } catch (error) {
      if (error instanceof ApiError) this.problem.value = error;
      else if (!(error instanceof OfflineError)) throw error;
      else this.append(this.keptItems.read());
      this.shown();
    } finally {
      this.filling.value = false;
      if (!this.closed && this.items.value.length === 0 && this.progress.value.phase !== "done")
        this.retry = setTimeout(() => void this.fill(), idleRetry);
    }
  }

  private append(items: Item[]): void {
    const known = new Set(this.items.value.map((item) => item.imageId));
    const fresh = items.filter((item) => !known.has(item.imageId) && !this.answered.has(item.imageId));
    if (fresh.length > 0) this.items.value = [...this.items.value, ...fresh];
  }

  private stand(progress: Progress): void {
    const before = this.progress.value;
    this.progress.value = progress;
    // While answers are under way the server's count lags behind what the person sees.
    if (this.outbox.unsent.value === 0 || progress.round !== before.round) this.doneInRound.value = progress.asked - progress.open;
  }

  private record(item: Item, kind: Answer["kind"], value: string | null): void {
    const shownAt = new Date(this.shownAt).toISOString();
    this.outbox.add(this.task.name, { operationId: newOperationId(), imageId: item.imageId, kind, value, shownAt, round: item.round });
  }

  private remember(history: Given[]): void {
    this.history.value = history;
    this.keptHistory.write(history);
  }

  private shown(): void {
    this.shownAt = Date.now();
    this.keptItems.write(this.items.value);
    this.pictures.want(this.items.value.slice(0, decodeAhead).map((item) => this.pictureOf(item)));
  }
}

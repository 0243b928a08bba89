import { batch, computed, effect, type Signal, signal, untracked } from "@preact/signals";
import { type Answer, api, ApiError, type Item, OfflineError, type Phase, type Progress, releaseOnClosing, type Task } from "../api";
import { Kept } from "../kept";
import { newOperationId } from "../operationId";
import { answeredAmong, type Outbox } from "../outbox";
import { Answered } from "./answered";
import { Pictures } from "./pictures";

/** What a person did with a picture: one of the task's classes, or null for unsure. */
export interface Given {
  item: Item;
  value: string | null;
}

/** How many pictures are at hand, and how large. */
export interface Supply {
  /** Asked for at a time; the server gives 50 at most. */
  hold: number;
  /** Asked for again when fewer are left. */
  refillBelow: number;
  decodeAhead: number;
  /** Longest side in device pixels. */
  pictureSize: number;
}

const undoDepth = 10;
const idleRetry = 5_000;
/** The server takes people for gone after a minute of silence, and gives their pictures to others after three. */
const heartbeat = 40_000;
const mostLeases = 100;

/** Pictures that a page just left gives back. Another page asks only afterwards, so that it may keep what it gets. */
let givingBack: Promise<unknown> = Promise.resolve();

/**
 * One task as one person works through it: the pictures at hand, the last answers that can be taken back, and where the round stands. Answers
 * count at once; the outbox brings them to the server.
 */
export class Deck {
  readonly items = signal<Item[]>([]);
  readonly current = computed(() => this.items.value[0] ?? null);
  /** The last steps that can be taken back, one picture each where pictures are answered one by one, a page each in the grid. */
  readonly history = signal<Given[][]>([]);
  readonly progress: Signal<Progress>;
  /** Pictures of the round with an answer, those on their way to the server included. */
  readonly doneInRound = signal(0);
  readonly times = signal<number[]>([]);
  readonly filling = signal(true);
  readonly problem = signal<ApiError | null>(null);

  private readonly answered = new Answered();
  private readonly keptHistory: Kept<Given[]>;
  private readonly keptItems: Kept<Item>;
  private readonly pictures = new Pictures();
  private shownAt = Date.now();
  private shownId: string | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private started = false;
  private stopWatching: (() => void) | undefined;
  private readonly beat = setInterval(() => this.renew(), heartbeat);

  constructor(
    readonly task: Task,
    private readonly outbox: Outbox,
    workspace: string,
    private supply: Supply,
  ) {
    this.progress = signal(task.progress);
    this.keptHistory = new Kept(`steps/${workspace}/${task.name}`);
    this.keptItems = new Kept(`items/${workspace}/${task.name}`);
    this.history.value = this.keptHistory.read();
    this.stand(task.progress);
  }

  async open(): Promise<void> {
    this.outbox.onSettled.add(this.settle);
    for (const id of answeredAmong(await this.outbox.pending(this.task.name))) this.answered.add(id);
    void this.outbox.flush();
    window.addEventListener("pagehide", this.leave);
    window.addEventListener("pageshow", this.comeBack);
    await this.fill();
    // The server's view of the round is stale until the last answers are there.
    this.stopWatching = effect(() => {
      if (this.outbox.unsent.value === 0 && this.items.value.length === 0) untracked(() => void this.fill());
    });
  }

  close(): void {
    this.closed = true;
    this.outbox.onSettled.delete(this.settle);
    this.stopWatching?.();
    clearTimeout(this.retry);
    clearInterval(this.beat);
    window.removeEventListener("pagehide", this.leave);
    window.removeEventListener("pageshow", this.comeBack);
    const ids = this.held();
    if (ids.length > 0) givingBack = api.release(this.task.name, ids).catch(() => undefined);
  }

  pictureOf(item: Item): string {
    return `${item.picture}&size=${this.supply.pictureSize}`;
  }

  /** Needs more or fewer, larger or smaller pictures from now on. */
  resupply(supply: Supply): void {
    this.supply = supply;
    this.shown();
    if (this.started) this.refill();
  }

  /** Answers the picture on top. */
  answer(value: string | null): void {
    const item = this.current.value;
    if (item) this.answerAll([{ item, value }]);
  }

  /** Answers some of the pictures at hand in one step. */
  answerAll(given: Given[]): void {
    if (given.length === 0) return;
    for (const { item, value } of given) {
      this.record(item, value === null ? "unsure" : "label", value);
      this.answered.add(item.imageId);
    }
    const gone = new Set(given.map(({ item }) => item.imageId));
    const now = Date.now();
    batch(() => {
      this.items.value = this.items.value.filter((item) => !gone.has(item.imageId));
      this.remember([...this.history.value, given].slice(-undoDepth));
      this.doneInRound.value = Math.min(this.progress.value.asked, this.doneInRound.value + given.length);
      this.times.value = [...this.times.value, ...given.map(() => now)];
    });
    this.shown();
    this.refill();
  }

  /** Puts pictures behind all others at hand, unanswered. */
  defer(items: Item[]): void {
    const later = new Set(items.map((item) => item.imageId));
    this.items.value = [...this.items.value.filter((item) => !later.has(item.imageId)), ...this.items.value.filter((item) => later.has(item.imageId))];
    this.shown();
    this.refill();
  }

  /** Takes the last step back and shows its pictures again. */
  undo(): Given[] | null {
    const last = this.history.value[this.history.value.length - 1];
    if (!last) return null;
    for (const { item } of last) {
      this.record(item, "undo", null);
      this.answered.delete(item.imageId);
    }
    const back = new Set(last.map(({ item }) => item.imageId));
    batch(() => {
      this.items.value = [...last.map(({ item }) => item), ...this.items.value.filter((item) => !back.has(item.imageId))];
      this.remember(this.history.value.slice(0, -1));
      this.doneInRound.value = Math.max(0, this.doneInRound.value - last.length);
      this.times.value = this.times.value.slice(0, -last.length);
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
    await givingBack;
    const request = this.answered.ask();
    try {
      const next = await api.next(this.task.name, this.supply.hold);
      if (this.closed) return;
      batch(() => {
        this.problem.value = null;
        this.append(next.items, request);
        this.filling.value = false;
        this.stand(next.progress);
      });
      this.shown();
    } catch (error) {
      if (error instanceof ApiError) this.problem.value = error;
      else if (!(error instanceof OfflineError)) throw error;
      else this.append(this.keptItems.read(), request);
      this.shown();
    } finally {
      this.filling.value = false;
      if (!this.closed && this.items.value.length === 0 && this.progress.value.phase !== "done")
        this.retry = setTimeout(() => void this.fill(), idleRetry);
    }
  }

  private held(): string[] {
    return this.items.value.slice(0, mostLeases).map((item) => item.imageId);
  }

  private readonly leave = () => {
    const ids = this.held();
    if (ids.length > 0) releaseOnClosing(this.task.name, ids);
  };

  /** The browser may keep a page that was left and show it again as it was; its pictures are with others by then. */
  private readonly comeBack = (event: PageTransitionEvent) => {
    if (!event.persisted) return;
    this.items.value = [];
    void this.fill();
  };

  private renew(): void {
    const ids = this.held();
    // Somebody who looks elsewhere is not here.
    if (ids.length > 0 && document.visibilityState === "visible") api.renew(this.task.name, ids).catch(() => undefined);
  }

  private refill(): void {
    if (this.items.value.length < this.supply.refillBelow) void this.fill();
  }

  private readonly settle = (task: string, answers: Answer[]) => {
    if (task === this.task.name) this.answered.settle(answers.map((answer) => answer.imageId));
  };

  private append(items: Item[], request: number): void {
    const known = new Set(this.items.value.map((item) => item.imageId));
    const fresh = items.filter((item) => !known.has(item.imageId) && !this.answered.covers(item.imageId, request));
    if (fresh.length > 0) this.items.value = [...this.items.value, ...fresh];
  }

  private stand(progress: Progress): void {
    const before = this.progress.value;
    this.progress.value = progress;
    // While answers are under way the server's count lags behind what the person sees.
    if (this.outbox.unsent.value > 0 && progress.round === before.round) return;
    const closed = progress.asked - progress.open;
    // Where several opinions are asked for, one's own answers close few pictures: the bar shows them all the same.
    this.doneInRound.value = this.task.opinions > 1 && progress.round === before.round ? Math.max(closed, this.doneInRound.value) : closed;
  }

  private record(item: Item, kind: Answer["kind"], value: string | null): void {
    const shownAt = new Date(this.shownAt).toISOString();
    this.outbox.add(this.task.name, { operationId: newOperationId(), imageId: item.imageId, kind, value, shownAt, round: item.round });
  }

  private remember(history: Given[][]): void {
    this.history.value = history;
    this.keptHistory.write(history);
  }

  private shown(): void {
    // More pictures coming in behind the one on top do not make it a new one.
    const top = this.items.value[0]?.imageId ?? null;
    if (top !== this.shownId) [this.shownId, this.shownAt] = [top, Date.now()];
    this.keptItems.write(this.items.value);
    this.pictures.want(this.items.value.slice(0, this.supply.decodeAhead).map((item) => this.pictureOf(item)));
  }
}

/** Whether the owner keeps pictures back; those at hand wait. */
export function isHeld(phase: Phase): boolean {
  return phase === "paused" || phase === "stopped";
}

/** For one picture at a time on this screen. */
export function oneByOne(): Supply {
  // What the card can show, with some room to zoom.
  const shown = Math.min(window.innerWidth, 560) * Math.min(window.devicePixelRatio, 3);
  return { hold: 24, refillBelow: 14, decodeAhead: 12, pictureSize: [256, 512, 768, 1024, 1536].find((size) => size >= shown) ?? 1536 };
}

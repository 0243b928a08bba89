import { batch, computed, signal } from "@preact/signals";
import { ApiError } from "../api";
import { newOperationId } from "../operationId";
import { label } from "../swipe/labels";
import { texts } from "../texts";
import { review, type ReviewItem } from "./review";

/** The pictures that wait for a decision, in the server's order, and the way back through those seen on this visit. */
export class Queue {
  readonly items = signal<ReviewItem[]>([]);
  readonly position = signal(0);
  readonly current = computed(() => this.items.value[this.position.value] ?? null);
  readonly canGoBack = computed(() => this.position.value > 0);
  /** Null before the server has said it. */
  readonly waiting = signal<number | null>(null);
  readonly alsoDecided = signal(false);
  readonly busy = signal(false);
  readonly problem = signal("");
  readonly said = signal("");
  private next: string | null = null;

  constructor(private readonly task: string) {}

  /** From the beginning. */
  async load(): Promise<void> {
    await this.fetch(null);
  }

  async show(alsoDecided: boolean): Promise<void> {
    this.alsoDecided.value = alsoDecided;
    await this.load();
  }

  async decide(value: string): Promise<void> {
    const item = this.current.value;
    if (!item || this.busy.value) return;
    this.busy.value = true;
    this.problem.value = "";
    try {
      const receipt = await review.decide(this.task, { operationId: newOperationId(), imageId: item.imageId, value, seenSeq: item.seenSeq });
      const seq = receipt.seq ?? item.seenSeq;
      batch(() => {
        // Seen again with Back, it shows what was decided, and can be decided otherwise.
        this.replace({ ...item, decision: { value, person: texts.review.you, seq }, seenSeq: seq });
        if (!item.decision) this.waiting.value = Math.max(0, (this.waiting.value ?? 1) - 1);
        this.said.value = texts.review.said(label(value));
        this.forward();
      });
    } catch (error) {
      this.explain(error);
    } finally {
      this.busy.value = false;
    }
  }

  skip(): void {
    if (this.current.value) this.forward();
  }

  back(): void {
    this.problem.value = "";
    this.position.value = Math.max(0, this.position.value - 1);
  }

  private forward(): void {
    this.position.value++;
    const left = this.items.value.length - this.position.value;
    if (left < 5 && this.next !== null) void this.fetch(this.next);
  }

  private async fetch(after: string | null): Promise<void> {
    this.next = null;
    try {
      const page = await review.page(this.task, after, this.alsoDecided.value);
      batch(() => {
        if (after === null) [this.items.value, this.position.value] = [page.items, 0];
        else this.items.value = [...this.items.value, ...page.items];
        this.waiting.value = page.waiting;
        this.next = page.next;
        this.problem.value = "";
      });
    } catch (error) {
      this.next = after;
      this.explain(error);
    }
  }

  private replace(changed: ReviewItem): void {
    this.items.value = this.items.value.map((item) => (item.imageId === changed.imageId ? changed : item));
  }

  private explain(error: unknown): void {
    if (!(error instanceof ApiError)) this.problem.value = texts.failed.offline;
    else if (error.status === 409 && error.problem["item"]) {
      this.replace(error.problem["item"] as ReviewItem);
      this.problem.value = texts.review.stale;
    } else this.problem.value = `${error.message} ${error.nextStep}`;
  }
}

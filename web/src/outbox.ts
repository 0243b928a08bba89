import { signal } from "@preact/signals";
import { type Answer, ApiError, OfflineError, type Receipt } from "./api";

/** An answer that the server has not confirmed yet. `order` is given by the store and decides the order of sending. */
export interface Unsent {
  order?: number;
  workspace: string;
  task: string;
  answer: Answer;
}

export interface OutboxStore {
  /** Of one project, in the order they were added. */
  all(workspace: string): Promise<Unsent[]>;
  add(entry: Unsent): Promise<void>;
  remove(orders: number[]): Promise<void>;
}

/** Forgets everything when the page closes. */
export class MemoryStore implements OutboxStore {
  private entries: Unsent[] = [];
  private next = 1;

  async all(workspace: string): Promise<Unsent[]> {
    return this.entries.filter((entry) => entry.workspace === workspace);
  }

  async add(entry: Unsent): Promise<void> {
    this.entries.push({ ...entry, order: this.next++ });
  }

  async remove(orders: number[]): Promise<void> {
    this.entries = this.entries.filter((entry) => !orders.includes(entry.order!));
  }
}

export type Send = (task: string, answers: Answer[]) => Promise<Receipt[]>;

const batchSize = 50;
const shortestWait = 500;
const longestWait = 15_000;

/**
 * Answers on their way to the server. Each is kept on the device before anything else happens and forgotten when the server has confirmed it,
 * so a lost connection, a closed page or a restarted server loses none; the operation id makes a second sending harmless. One batch is under
 * way at a time, in order: an undo never overtakes its answer.
 */
export class Outbox {
  readonly unsent = signal(0);
  /** The last attempt did not reach the server. */
  readonly offline = signal(false);
  /** The server does not know this session any more; answers wait for a new link. */
  readonly locked = signal(false);
  readonly refused = signal<string | null>(null);

  /** Called with answers that the server has, or can never take. */
  readonly onSettled = new Set<(task: string, answers: Answer[]) => void>();

  private running = false;
  private again = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wait = shortestWait;
  private readonly adding = new Set<Promise<void>>();
  private readonly spare = new MemoryStore();

  constructor(
    private readonly store: OutboxStore,
    private readonly send: Send,
    private readonly workspace: string,
  ) {}

  /** Answers kept from before, oldest first. */
  async pending(task: string): Promise<Answer[]> {
    const all = await this.store.all(this.workspace);
    this.unsent.value = all.length;
    return all.filter((entry) => entry.task === task).map((entry) => entry.answer);
  }

  add(task: string, answer: Answer): void {
    this.unsent.value++;
    const entry = { workspace: this.workspace, task, answer };
    // A full disk must not lose the answer while the page is open.
    const kept: Promise<void> = this.store
      .add(entry)
      .catch(() => this.spare.add(entry))
      .finally(() => this.adding.delete(kept));
    this.adding.add(kept);
    void kept.then(() => this.flush());
  }

  /** Sends what is there; called again while it runs, it runs once more. Never throws. */
  async flush(): Promise<void> {
    this.again = true;
    if (this.running) return;
    this.running = true;
    clearTimeout(this.timer);
    try {
      while (this.again) {
        this.again = false;
        await Promise.all(this.adding);
        await this.sendAll(this.store);
        await this.sendAll(this.spare);
      }
      this.wait = shortestWait;
    } catch (error) {
      this.retryLater(error);
    } finally {
      this.running = false;
    }
  }

  private async sendAll(store: OutboxStore): Promise<void> {
    for (;;) {
      const all = await store.all(this.workspace);
      const first = all[0];
      if (!first) return;
      const batch = all.filter((entry) => entry.task === first.task).slice(0, batchSize);
      const receipts = await this.sendBatch(first.task, batch.map((entry) => entry.answer));
      this.offline.value = false;
      this.locked.value = false;
      const refused = receipts.find((receipt) => !receipt.stored);
      if (refused) this.refused.value = refused.reason;
      await store.remove(batch.map((entry) => entry.order!));
      this.unsent.value = Math.max(0, this.unsent.value - batch.length);
      for (const listener of this.onSettled) listener(first.task, batch.map((entry) => entry.answer));
    }
  }

  private async sendBatch(task: string, answers: Answer[]): Promise<Receipt[]> {
    try {
      return await this.send(task, answers);
    } catch (error) {
      // The request as a whole can never be taken (the task is gone, say): keeping it would block all others for ever.
      const hopeless = error instanceof ApiError && [400, 404, 413, 422].includes(error.status);
      if (!hopeless) throw error;
      return answers.map((answer) => ({ operationId: answer.operationId, stored: false, reason: error.message }));
    }
  }

  private retryLater(error: unknown): void {
    this.offline.value = error instanceof OfflineError;
    this.locked.value = error instanceof ApiError && (error.status === 401 || error.status === 403);
    const asked = error instanceof ApiError ? error.retryAfterSeconds : null;
    this.timer = setTimeout(() => void this.flush(), asked === null ? this.wait : asked * 1000);
    this.wait = Math.min(longestWait, this.wait * 2);
  }
}

/** Which pictures have an answer among these, the later ones of an image deciding. */
export function answeredAmong(answers: Answer[]): Set<string> {
  const answered = new Set<string>();
  for (const answer of answers)
    if (answer.kind === "undo") answered.delete(answer.imageId);
    else answered.add(answer.imageId);
  return answered;
}

import { computed, signal } from "@preact/signals";
import { ApiError, OfflineError } from "../api";
import { texts } from "../texts";
import { type FilterForm, noFilter, toFilter } from "./filter";
import { type Hit, type QueryTerm, type SearchAnswer, type SearchRequest, searchApi } from "./searchApi";

/** One thing that the search goes by. */
export type Term =
  | { kind: "image"; imageId: string; picture: string }
  | { kind: "picture"; name: string; preview: string | null; embedding: number[]; encoder: string };

export type Mark = "good" | "bad";

export const firstCount = 50;
export const mostHits = 500;
const mostTerms = 50;
const largestBytes = 16 * 1024 * 1024;

type Api = Pick<typeof searchApi, "search" | "embed">;

/** A person's search: what they gave, what was found, how they marked it. The page draws it; nothing here touches the document. */
export class Search {
  readonly positives = signal<Term[]>([]);
  readonly negatives = signal<Term[]>([]);
  readonly filter = signal<FilterForm>(noFilter);
  /** Null before the first search. */
  readonly hits = signal<Hit[] | null>(null);
  readonly marks = signal<ReadonlyMap<string, Mark>>(new Map());
  readonly busy = signal(false);
  readonly problem = signal<string | null>(null);
  readonly count = signal(firstCount);
  readonly good = computed(() => [...this.marks.value.values()].filter((mark) => mark === "good").length);
  readonly bad = computed(() => this.marks.value.size - this.good.value);

  private newest = 0;

  constructor(private readonly api: Api = searchApi) {}

  /** Begins anew with one image of the archive. */
  async likeImage(imageId: string, picture: string): Promise<void> {
    await this.likeImages([{ imageId, picture }]);
  }

  /** Begins anew with several; of more than fifty the first. */
  async likeImages(images: readonly { imageId: string; picture: string }[]): Promise<void> {
    this.forget();
    this.positives.value = images.slice(0, mostTerms).map((image) => ({ kind: "image", ...image }));
    await this.run();
  }

  /** Adds a picture from this device to what is looked for. */
  async addPicture(file: Blob, name: string, preview: string | null): Promise<void> {
    if (file.size > largestBytes) {
      this.problem.value = texts.search.tooLarge;
      return;
    }
    await this.addEmbedded(name, preview, () => this.api.embed(file));
  }

  /** Adds a picture that the server fetches. */
  async addAddress(url: string): Promise<void> {
    await this.addEmbedded(url, null, () => this.api.search({ positives: [{ url }], negatives: [], count: 1 }));
  }

  remove(term: Term): void {
    this.positives.value = this.positives.value.filter((other) => other !== term);
    this.negatives.value = this.negatives.value.filter((other) => other !== term);
    if (this.positives.value.length === 0) this.reset();
    else void this.run();
  }

  /** Marks a hit, or takes the mark back when it has it already. */
  mark(imageId: string, mark: Mark): void {
    const marks = new Map(this.marks.value);
    if (marks.get(imageId) === mark) marks.delete(imageId);
    else marks.set(imageId, mark);
    this.marks.value = marks;
  }

  /** Searches again by what was marked as well. An image that was given the other way before changes sides; of more than fifty the newest stay. */
  async refine(): Promise<void> {
    const marked = (mark: Mark) =>
      (this.hits.value ?? [])
        .filter((hit) => this.marks.value.get(hit.imageId) === mark)
        .map((hit): Term => ({ kind: "image", imageId: hit.imageId, picture: hit.picture }));
    const [good, bad] = [marked("good"), marked("bad")];
    const before = { positives: this.positives.value, negatives: this.negatives.value };
    this.positives.value = joined(before.positives, good, bad);
    this.negatives.value = joined(before.negatives, bad, good);
    if (this.positives.value.length === 0) {
      this.positives.value = before.positives;
      this.negatives.value = before.negatives;
      this.problem.value = texts.search.needsOne;
      return;
    }
    this.marks.value = new Map();
    await this.run();
  }

  async changeFilter(part: Partial<FilterForm>): Promise<void> {
    this.filter.value = { ...this.filter.value, ...part };
    if (this.positives.value.length > 0) await this.run();
  }

  async more(): Promise<void> {
    this.count.value = Math.min(mostHits, this.count.value * 2);
    await this.run();
  }

  /** Searches by what is there now. Answers of earlier runs that come late are left aside. */
  async run(): Promise<void> {
    const run = ++this.newest;
    const request = this.request();
    if ("wrong" in request) {
      this.problem.value = request.wrong === "box" ? texts.search.wrongBox : texts.search.wrongDates;
      this.busy.value = false;
      return;
    }
    this.busy.value = true;
    this.problem.value = null;
    try {
      const { hits } = await this.api.search(request);
      if (run !== this.newest) return;
      this.hits.value = hits;
      const shown = new Set(hits.map((hit) => hit.imageId));
      this.marks.value = new Map([...this.marks.value].filter(([imageId]) => shown.has(imageId)));
    } catch (error) {
      if (run === this.newest) this.problem.value = explained(error);
    } finally {
      if (run === this.newest) this.busy.value = false;
    }
  }

  /** Back to the beginning; filters stay. */
  reset(): void {
    this.newest++;
    this.forget();
    this.hits.value = null;
    this.busy.value = false;
    this.problem.value = null;
  }

  private forget(): void {
    this.positives.value = [];
    this.negatives.value = [];
    this.marks.value = new Map();
    this.count.value = firstCount;
  }

  private async addEmbedded(name: string, preview: string | null, embed: () => Promise<SearchAnswer>): Promise<void> {
    this.busy.value = true;
    this.problem.value = null;
    try {
      const { embedding, encoder } = await embed();
      if (embedding === null) return;
      this.positives.value = [...this.positives.value, { kind: "picture", name, preview, embedding, encoder }];
    } catch (error) {
      this.problem.value = explained(error);
      return;
    } finally {
      this.busy.value = false;
    }
    await this.run();
  }

  private request(): SearchRequest | { wrong: "box" | "dates" } {
    const made = toFilter(this.filter.value);
    if ("wrong" in made) return made;
    const embedded = [...this.positives.value, ...this.negatives.value].find((term) => term.kind === "picture");
    return {
      positives: this.positives.value.map(asQuery),
      negatives: this.negatives.value.map(asQuery),
      count: this.count.value,
      filter: made.filter,
      ...(embedded?.kind === "picture" ? { encoder: embedded.encoder } : {}),
      ...(this.filter.value.onePerPlace ? { suppressOverlap: 0.3 } : {}),
      ...(this.filter.value.distinct ? { distinct: 0.01 } : {}),
    };
  }
}

function joined(present: Term[], added: Term[], elsewhere: Term[]): Term[] {
  const gone = new Set([...added, ...elsewhere].map(idOf));
  return [...present.filter((term) => term.kind === "picture" || !gone.has(term.imageId)), ...added].slice(-mostTerms);
}

function idOf(term: Term): string | null {
  return term.kind === "image" ? term.imageId : null;
}

function asQuery(term: Term): QueryTerm {
  return term.kind === "image" ? { image: term.imageId } : { embedding: term.embedding };
}

export function explained(error: unknown): string {
  if (error instanceof ApiError) return `${error.message} ${error.nextStep}`;
  return error instanceof OfflineError ? texts.failed.offline : texts.failed.title;
}

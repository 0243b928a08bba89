/**
 * Which pictures must not come again. The server hands out what it believes unanswered, and it learns of an answer later than the person gives it; but a
 * picture that it hands out although it has the answer is meant to be asked again (people are asked some twice, to see whether they say the same).
 */
export class Answered {
  /** Null while the answer is on its way, else how many requests had been sent when the server had it. */
  private readonly answers = new Map<string, number | null>();
  private requests = 0;

  add(imageId: string): void {
    this.answers.set(imageId, null);
  }

  /** The answer was taken back. */
  delete(imageId: string): void {
    this.answers.delete(imageId);
  }

  /** The server has these answers. */
  settle(imageIds: Iterable<string>): void {
    for (const id of imageIds) if (this.answers.has(id)) this.answers.set(id, this.requests);
  }

  /** To be called when pictures are asked for; the number goes with what they bring. */
  ask(): number {
    return ++this.requests;
  }

  /** Whether a picture that a request brought was handed out without knowing the answer to it. */
  covers(imageId: string, request: number): boolean {
    const settled = this.answers.get(imageId);
    return settled === null || (settled !== undefined && settled >= request);
  }
}

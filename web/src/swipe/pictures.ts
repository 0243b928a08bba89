/**
 * Pictures on their way to the screen: a few at a time in the order they will be shown, decoded before they are needed, so that the next one
 * appears in the frame after a swipe. The browser's cache keeps their bytes (the links may be kept for ever), this keeps them decoded.
 */
export class Pictures {
  private readonly loading = new Map<string, { image: HTMLImageElement; ready: Promise<boolean> }>();
  private readonly waiting: string[] = [];
  private active = 0;

  /** @param parallel Requests at a time; browsers allow six to a host and answers need one. */
  constructor(private readonly parallel = 3) {}

  /** Keeps exactly these, in this order; the others are let go. */
  want(addresses: string[]): void {
    const wanted = new Set(addresses);
    for (const address of this.loading.keys()) if (!wanted.has(address)) this.loading.delete(address);
    this.waiting.length = 0;
    for (const address of addresses) if (!this.loading.has(address)) this.waiting.push(address);
    this.pump();
  }

  private pump(): void {
    while (this.active < this.parallel) {
      const address = this.waiting.shift();
      if (address === undefined) return;
      this.active++;
      const image = new Image();
      image.src = address;
      const ready = image.decode().then(
        () => true,
        () => false,
      );
      this.loading.set(address, { image, ready });
      void ready.then((ok) => {
        // Not kept when it failed: the connection may be back when it is wanted again.
        if (!ok) this.loading.delete(address);
        this.active--;
        this.pump();
      });
    }
  }
}

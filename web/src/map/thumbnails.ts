const most = 400;
const mostLoading = 8;

/** Small pictures that were drawn last, kept; a few are loaded at a time, the newest wish first. */
export class Thumbnails {
  private readonly kept = new Map<string, HTMLImageElement>();
  private wishes: string[] = [];
  private loading = 0;

  /** @param onLoad Called when one more can be drawn. */
  constructor(private readonly onLoad: () => void) {}

  /** The picture if it is there; else it is loaded. */
  get(imageId: string): HTMLImageElement | null {
    const image = this.kept.get(imageId);
    if (image) {
      this.kept.delete(imageId);
      this.kept.set(imageId, image);
      return image.complete && image.naturalWidth > 0 ? image : null;
    }
    if (!this.wishes.includes(imageId)) this.wishes.push(imageId);
    this.load();
    return null;
  }

  /** Forgets wishes that were not begun: the view has moved on. */
  forgetWishes(): void {
    this.wishes = [];
  }

  private load(): void {
    while (this.loading < mostLoading) {
      const imageId = this.wishes.pop();
      if (imageId === undefined) return;
      const image = new Image();
      this.loading++;
      image.onload = image.onerror = () => {
        this.loading--;
        this.onLoad();
        this.load();
      };
      image.src = `/api/images/${imageId}/picture?size=128`;
      this.kept.set(imageId, image);
      if (this.kept.size > most) this.kept.delete(this.kept.keys().next().value!);
    }
  }
}

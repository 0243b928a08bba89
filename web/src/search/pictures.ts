import { useEffect, useRef, useState } from "preact/hooks";

/** An address that shows the file in this page; null for kinds that browsers cannot draw, TIFF above all. */
export function previewOf(file: Blob): string | null {
  return /^image\/(jpeg|png|webp|gif|bmp)$/.test(file.type) ? URL.createObjectURL(file) : null;
}

/** Takes pictures that are dropped anywhere on the page or pasted into it. Returns whether one is being dragged over it. */
export function useDroppedPictures(onPicture: (file: File) => void): boolean {
  const [dragged, setDragged] = useState(false);
  const take = useRef(onPicture);
  take.current = onPicture;
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setDragged(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setDragged(false);
    };
    const drop = (event: DragEvent) => {
      setDragged(false);
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      take.current(file);
    };
    const paste = (event: ClipboardEvent) => {
      const file = event.clipboardData?.files[0];
      if (file) take.current(file);
    };
    const listening = new AbortController();
    const options = { signal: listening.signal };
    document.addEventListener("dragover", over, options);
    document.addEventListener("dragleave", leave, options);
    document.addEventListener("drop", drop, options);
    document.addEventListener("paste", paste, options);
    return () => listening.abort();
  }, []);
  return dragged;
}

import { useEffect, useRef } from "preact/hooks";
import { texts } from "../texts";

/** A panel above the others. Escape and a touch beside it close it; the browser keeps the focus inside. */
export function Sheet({ label, onClose, children }: { label: string; onClose(): void; children: preact.ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label={label} onClose={onClose} onClick={(event) => event.target === event.currentTarget && onClose()}>
      <div class="sheet">
        {children}
        <button type="button" onClick={onClose}>
          {texts.close}
        </button>
      </div>
    </dialog>
  );
}

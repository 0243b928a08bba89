import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { texts } from "../texts";

interface Props {
  label: string;
  onClose(): void;
  class?: string;
  children: ComponentChildren;
}

/** A panel above the page. Escape and a touch beside it close it; the browser keeps the focus inside. */
export function Sheet({ label, onClose, class: name = "", children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`sheet ${name}`}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div class="sheet-body">{children}</div>
    </dialog>
  );
}

export function CloseButton({ onClose, text = texts.close }: { onClose(): void; text?: string }) {
  return (
    <button type="button" class="button primary wide" autofocus onClick={onClose}>
      {text}
    </button>
  );
}

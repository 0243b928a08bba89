import { useRef, useState } from "preact/hooks";
import { texts } from "../texts";
import { CloseButton, Sheet } from "../ui/Sheet";
import type { CreatedLink } from "./links";

const t = texts.share;

/** A new link, to be photographed or copied. It is shown this once. */
export function LinkSheet({ made, onClose }: { made: CreatedLink; onClose(): void }) {
  const address = useRef<HTMLTextAreaElement>(null);
  const [copied, setCopied] = useState(false);
  const { side, path } = made.qrCode;

  async function copy() {
    address.current!.select();
    try {
      await navigator.clipboard.writeText(made.address);
      setCopied(true);
    } catch {
      // Without TLS browsers refuse; the address is selected, so that Ctrl+C or a long touch copies it.
    }
  }

  return (
    <Sheet label={t.newLink} class="link-sheet" onClose={onClose}>
      <h2>{t.newLink}</h2>
      <svg class="qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={t.qrCode} shape-rendering="crispEdges">
        <rect width={side} height={side} fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
      <label class="choice">
        <span>{t.address}</span>
        <textarea ref={address} readOnly rows={3} value={made.address} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <p class="muted">{t.once}</p>
      <div class="actions">
        <button type="button" class="button wide" onClick={() => void copy()}>
          {copied ? t.copied : t.copy}
        </button>
        {"share" in navigator && (
          <button type="button" class="button wide" onClick={() => void navigator.share({ title: texts.appName, url: made.address }).catch(() => undefined)}>
            {t.send}
          </button>
        )}
        <CloseButton onClose={onClose} />
      </div>
      <p class="sr-only" role="status">
        {copied ? t.copied : ""}
      </p>
    </Sheet>
  );
}

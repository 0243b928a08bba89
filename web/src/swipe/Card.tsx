import { useEffect, useRef, useState } from "preact/hooks";
import { settings } from "../settings";
import { texts } from "../texts";
import { decide, type Direction, lean, pan, speed, type View, wholePicture, zoom } from "./gesture";

interface Props {
  address: string;
  label: string;
  /** The card below the top one: seen, not touched. */
  below?: boolean;
  /** What each direction says on the card while it is dragged. */
  meanings: Record<Direction, { text: string; tone: string } | null>;
  /** Whether the swipe was an answer; the card springs back when it was none. */
  onSwipe?(direction: Direction, from: { x: number; y: number }): boolean;
}

interface Drag {
  pointers: Map<number, { x: number; y: number }>;
  startX: number;
  startY: number;
  /** True from the second finger on until all are lifted: such a touch never answers. */
  pinching: boolean;
  trail: { x: number; y: number; at: number }[];
}

const tapDistance = 10;
const doubleTapTime = 320;

/** One picture: dragged to answer, pinched or wheeled to look closer; closer up, a drag moves the picture. */
export function Card({ address, label, below = false, meanings, onSwipe }: Props) {
  const card = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLImageElement>(null);
  const stamp = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const view = useRef<View>(wholePicture);
  const lastTap = useRef(0);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    const element = card.current!;
    // Not as a JSX property: only a listener that says it is not passive may keep the page from scrolling.
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      look(zoom(view.current, Math.exp(-event.deltaY / 300), event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2, box));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, []);

  // Directly on the elements: a render per pointer event would cost frames on a slow phone.
  function look(next: View) {
    view.current = next;
    picture.current!.style.transform = next.scale === 1 ? "" : `translate(${next.x}px, ${next.y}px) scale(${next.scale})`;
    card.current!.classList.toggle("zoomed", next.scale > 1);
  }

  function place(dx: number, dy: number) {
    const element = card.current!;
    const leaning = lean(dx, dy, element.getBoundingClientRect());
    element.style.transform = dx === 0 && dy === 0 ? "" : `translate(${dx}px, ${dy * 0.9}px) rotate(${dx / 26}deg)`;
    const meaning = leaning.direction && meanings[leaning.direction];
    stamp.current!.textContent = meaning ? meaning.text : "";
    stamp.current!.dataset["tone"] = meaning ? meaning.tone : "";
    stamp.current!.style.opacity = meaning ? String(leaning.share) : "0";
  }

  function down(event: PointerEvent) {
    if (below || (event.pointerType === "mouse" && event.button !== 0)) return;
    event.preventDefault();
    card.current!.setPointerCapture(event.pointerId);
    const point = { x: event.clientX, y: event.clientY };
    if (!drag.current) {
      drag.current = { pointers: new Map(), startX: point.x, startY: point.y, pinching: false, trail: [] };
      card.current!.classList.add("dragged");
    } else {
      drag.current.pinching = true;
      place(0, 0);
    }
    drag.current.pointers.set(event.pointerId, point);
    drag.current.trail = [{ ...point, at: event.timeStamp }];
  }

  function move(event: PointerEvent) {
    const now = drag.current;
    const before = now?.pointers.get(event.pointerId);
    if (!now || !before) return;
    const point = { x: event.clientX, y: event.clientY };
    const box = card.current!.getBoundingClientRect();
    if (now.pointers.size === 2) {
      const other = [...now.pointers].find(([id]) => id !== event.pointerId)![1];
      const factor = Math.hypot(point.x - other.x, point.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      const x = (point.x + other.x) / 2 - box.left - box.width / 2;
      const y = (point.y + other.y) / 2 - box.top - box.height / 2;
      look(pan(zoom(view.current, factor, x, y, box), (point.x - before.x) / 2, (point.y - before.y) / 2, box));
    } else if (view.current.scale > 1) {
      look(pan(view.current, point.x - before.x, point.y - before.y, box));
    } else if (!now.pinching) {
      place(point.x - now.startX, point.y - now.startY);
    }
    now.pointers.set(event.pointerId, point);
    now.trail.push({ ...point, at: event.timeStamp });
    if (now.trail.length > 12) now.trail.shift();
  }

  function up(event: PointerEvent) {
    const now = drag.current;
    if (!now?.pointers.delete(event.pointerId) || now.pointers.size > 0) return;
    drag.current = null;
    card.current!.classList.remove("dragged");
    const dx = event.clientX - now.startX;
    const dy = event.clientY - now.startY;
    // The trail's last point may be older than the lifting: a finger that rested before it was lifted has no speed.
    const { vx, vy } = speed([...now.trail, { x: event.clientX, y: event.clientY, at: event.timeStamp }]);
    const element = card.current!;
    if (event.type === "pointerup" && !now.pinching && Math.hypot(dx, dy) < tapDistance) tap(event);
    else lastTap.current = 0;
    const direction =
      event.type === "pointercancel" || now.pinching || view.current.scale > 1
        ? null
        : decide(dx, dy, vx, vy, { width: element.offsetWidth, height: element.offsetHeight });
    if (!direction || !onSwipe?.(direction, { x: dx, y: dy * 0.9 })) place(0, 0);
  }

  /** The second of two quick taps looks closer there, or shows the whole picture again. */
  function tap(event: PointerEvent) {
    const second = event.timeStamp - lastTap.current < doubleTapTime;
    lastTap.current = second ? 0 : event.timeStamp;
    if (!second) return;
    const box = card.current!.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
    look(view.current.scale > 1 ? wholePicture : zoom(wholePicture, 2.5, x, y, box));
  }

  return (
    <div
      ref={card}
      class={below ? "card below" : "card"}
      aria-hidden={below}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
    >
      <img
        ref={picture}
        src={address}
        alt={failed ? "" : label}
        draggable={false}
        style={{ filter: settings.value.brightness === 100 ? "none" : `brightness(${settings.value.brightness}%)` }}
        onError={() => setFailed(true)}
        onLoad={() => setFailed(false)}
      />
      {failed && (
        <div class="card-failed">
          <strong>{texts.pictureFailed}</strong>
          <span>{texts.pictureFailedHint}</span>
        </div>
      )}
      <div ref={stamp} class="stamp" aria-hidden="true" />
    </div>
  );
}

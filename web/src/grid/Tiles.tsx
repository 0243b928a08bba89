import { useRef, useState } from "preact/hooks";
import type { Item } from "../api";
import { settings } from "../settings";
import { label } from "../swipe/labels";
import { texts } from "../texts";
import { block, type Layout, run, tileAt } from "./layout";
import { type Mark, type Marks, paint, strokeOf } from "./marks";

interface Props {
  page: readonly Item[];
  layout: Layout;
  marks: Marks;
  brush: Mark;
  classes: readonly string[];
  addressOf(item: Item): string;
  onMarks(marks: Marks): void;
  onLarge(item: Item): void;
}

/** A stroke under way: all of its tiles get what its first one gets. */
interface Stroke {
  pointer: number;
  from: number;
  to: number;
  kind: "mark" | "clear";
  before: Marks;
  /** From an earlier tile with the shift key: a run in reading order, not a rectangle. */
  isRun: boolean;
}

const doubleTapTime = 320;

/**
 * The thumbnails. Touch or click marks one, a drag the rectangle from where it began, shift-click all from the last one; arrows and space do the
 * same on a keyboard. A second touch on the same picture shows it large, and leaves its mark as it was.
 */
export function Tiles({ page, layout, marks, brush, classes, addressOf, onMarks, onLarge }: Props) {
  const grid = useRef<HTMLDivElement>(null);
  const stroke = useRef<Stroke | null>(null);
  const lastTap = useRef({ index: -1, at: 0 });
  const anchor = useRef<number | null>(null);
  const [focused, setFocused] = useState(0);
  const active = Math.min(focused, page.length - 1);

  function covered(now: Stroke): number[] {
    return now.isRun ? run(now.from, now.to) : block(now.from, now.to, layout.columns, page.length);
  }

  function show(now: Stroke) {
    onMarks(paint(now.before, covered(now).map((index) => page[index]!.imageId), now.kind, brush));
  }

  function indexAt(event: PointerEvent): number | null {
    const box = grid.current!.getBoundingClientRect();
    return tileAt(event.clientX - box.left, event.clientY - box.top, layout, page.length);
  }

  function down(event: PointerEvent) {
    if (stroke.current || (event.pointerType === "mouse" && event.button !== 0)) return;
    const index = indexAt(event);
    if (index === null) return;
    grid.current!.setPointerCapture(event.pointerId);
    const isRun = event.shiftKey && anchor.current !== null && anchor.current < page.length;
    const from = isRun ? anchor.current! : index;
    // Shift goes on with what the last click did; a new stroke looks at the tile it begins on.
    const kind = isRun ? (marks.get(page[from]!.imageId) === brush && marks.has(page[from]!.imageId) ? "mark" : "clear") : strokeOf(marks, page[index]!.imageId, brush);
    stroke.current = { pointer: event.pointerId, from, to: index, kind, before: marks, isRun };
    focus(index);
    show(stroke.current);
  }

  function move(event: PointerEvent) {
    const now = stroke.current;
    const index = now?.pointer === event.pointerId ? indexAt(event) : null;
    if (!now || index === null || index === now.to) return;
    now.to = index;
    show(now);
  }

  function up(event: PointerEvent) {
    const now = stroke.current;
    if (now?.pointer !== event.pointerId) return;
    stroke.current = null;
    if (event.type === "pointercancel") {
      onMarks(now.before);
      return;
    }
    anchor.current = now.to;
    const second = now.from === now.to && !now.isRun && lastTap.current.index === now.to && event.timeStamp - lastTap.current.at < doubleTapTime;
    lastTap.current = second || now.from !== now.to ? { index: -1, at: 0 } : { index: now.to, at: event.timeStamp };
    if (second) onLarge(page[now.to]!);
  }

  function focus(index: number) {
    setFocused(index);
    (grid.current!.children[index] as HTMLElement | undefined)?.focus({ preventScroll: true });
  }

  function mark(indexes: number[], kind: "mark" | "clear") {
    onMarks(paint(marks, indexes.map((index) => page[index]!.imageId), kind, brush));
  }

  function key(event: KeyboardEvent) {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: layout.columns, ArrowUp: -layout.columns, Home: -active, End: page.length - 1 - active }[event.key];
    if (step !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const next = Math.min(page.length - 1, Math.max(0, active + step));
      if (event.shiftKey) mark(run(active, next), "mark");
      focus(next);
      anchor.current = next;
    } else if (event.key === " " || event.key.toLowerCase() === "x") {
      mark([active], strokeOf(marks, page[active]!.imageId, brush));
      anchor.current = active;
    } else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) {
      mark(run(0, page.length - 1), page.every((item) => marks.has(item.imageId) && marks.get(item.imageId) === brush) ? "clear" : "mark");
    } else if (event.key.toLowerCase() === "e" && !event.ctrlKey && !event.metaKey) {
      onLarge(page[active]!);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div
      ref={grid}
      class="tiles"
      role="group"
      aria-label={texts.grid.tiles}
      style={{ gridTemplateColumns: `repeat(${layout.columns}, ${layout.tile}px)`, gridAutoRows: `${layout.tile}px` }}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onKeyDown={key}
    >
      {page.map((item, index) => {
        const mark = marks.get(item.imageId);
        const name = mark === undefined ? null : mark === null ? texts.unsure : label(mark);
        return (
          <button
            key={item.imageId}
            type="button"
            class="tile"
            data-tone={mark === undefined ? "" : mark === null ? "unsure" : classes.length === 2 && mark === classes[1] ? "no" : "yes"}
            aria-pressed={mark !== undefined}
            aria-label={name === null ? texts.picture(item.imageId) : `${texts.picture(item.imageId)}: ${name}`}
            tabIndex={index === active ? 0 : -1}
            onFocus={() => setFocused(index)}
            // Pointers are followed above; a click without one comes from a screen reader.
            onClick={(event) => {
              if (event.detail === 0) toggle(index);
            }}
          >
            <img
              src={addressOf(item)}
              alt=""
              draggable={false}
              style={{ filter: settings.value.brightness === 100 ? "none" : `brightness(${settings.value.brightness}%)` }}
            />
            {name !== null && <span class="tile-mark">{name}</span>}
          </button>
        );
      })}
    </div>
  );

  function toggle(index: number) {
    mark([index], strokeOf(marks, page[index]!.imageId, brush));
  }
}

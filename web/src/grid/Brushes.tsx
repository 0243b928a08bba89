import type { RefObject } from "preact";
import { ClassList } from "../swipe/ClassList";
import { keepFocus, label } from "../swipe/labels";
import { texts } from "../texts";
import { UndoIcon, ViewIcon, YesIcon } from "../ui/icons";
import type { Mark } from "./marks";

interface Props {
  classes: readonly string[];
  brush: Mark;
  search: RefObject<HTMLInputElement | null>;
  canUndo: boolean;
  /** What confirming answers now. */
  confirmText: string;
  canConfirm: boolean;
  onBrush(mark: Mark): void;
  onUndo(): void;
  onView(): void;
  onConfirm(): void;
}

/** What a touch marks, and the one button that answers the whole page. */
export function Brushes({ classes, brush, search, canUndo, confirmText, canConfirm, onBrush, onUndo, onView, onConfirm }: Props) {
  const unsure = (
    <button type="button" class="button brush unsure" aria-pressed={brush === null} onMouseDown={keepFocus} onClick={() => onBrush(null)}>
      {texts.unsure}
    </button>
  );
  return (
    <div class="brushes">
      <div class="brush-row" role="group" aria-label={texts.grid.brush}>
        {classes.length === 2 ? (
          classes.map((name, index) => (
            <button
              key={name}
              type="button"
              class={`button brush ${index === 0 ? "yes" : "no"}`}
              aria-pressed={brush === name}
              onMouseDown={keepFocus}
              onClick={() => onBrush(name)}
            >
              {label(name)}
            </button>
          ))
        ) : (
          <ClassList classes={classes} chosen={brush} search={search} onPick={onBrush} />
        )}
        {unsure}
      </div>
      <div class="confirm-row">
        <button type="button" class="button square" title={texts.grid.undoHint} aria-label={texts.undo} onMouseDown={keepFocus} onClick={onUndo} disabled={!canUndo}>
          <UndoIcon />
        </button>
        <button type="button" class="button primary confirm" onMouseDown={keepFocus} onClick={onConfirm} disabled={!canConfirm}>
          {canConfirm && <YesIcon />}
          <span>
            {canConfirm && <span class="sr-only">{`${texts.grid.confirm}: `}</span>}
            {confirmText}
          </span>
        </button>
        <button type="button" class="button square" aria-label={texts.settings} onMouseDown={keepFocus} onClick={onView}>
          <ViewIcon />
        </button>
      </div>
    </div>
  );
}

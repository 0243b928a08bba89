import type { RefObject } from "preact";
import { texts } from "../texts";
import { NoIcon, UndoIcon, UnsureIcon, ViewIcon, YesIcon } from "../ui/icons";
import { ClassList } from "./ClassList";
import { type Deck, isHeld } from "./deck";
import type { Directions } from "./directions";
import { keepFocus, label } from "./labels";

interface Props {
  classes: readonly string[];
  deck: Deck;
  directions: Directions;
  /** The field that narrows a long list of classes, when there is one. */
  search: RefObject<HTMLInputElement | null>;
  onAnswer(value: string | null): void;
  onUndo(): void;
  onView(): void;
}

/** The way to answer without a gesture. */
export function Controls({ classes, deck, directions, search, onAnswer, onUndo, onView }: Props) {
  const nothing = deck.current.value === null || isHeld(deck.progress.value.phase);
  const undo = (
    <button type="button" class="round small" title={texts.undoHint} onMouseDown={keepFocus} onClick={onUndo} disabled={deck.history.value.length === 0}>
      <UndoIcon />
      <span>{texts.undo}</span>
    </button>
  );
  const view = (
    <button type="button" class="round small" onMouseDown={keepFocus} onClick={onView}>
      <ViewIcon />
      <span>{texts.settings}</span>
    </button>
  );
  const unsure = (
    <button type="button" class="round unsure" aria-keyshortcuts="Space" onMouseDown={keepFocus} onClick={() => onAnswer(null)} disabled={nothing}>
      <UnsureIcon />
      <span>{texts.unsure}</span>
    </button>
  );
  if (classes.length > 2)
    return (
      <div class="controls many">
        <ClassList classes={classes} disabled={nothing} search={search} onPick={onAnswer} />
        <div class="row">
          {undo}
          {unsure}
          {view}
        </div>
      </div>
    );
  const yes = (
    <button type="button" class="round big yes" aria-keyshortcuts="A" onMouseDown={keepFocus} onClick={() => onAnswer(classes[0]!)} disabled={nothing}>
      <YesIcon />
      <span>{label(classes[0]!)}</span>
    </button>
  );
  const no = (
    <button type="button" class="round big no" aria-keyshortcuts="X" onMouseDown={keepFocus} onClick={() => onAnswer(classes[1]!)} disabled={nothing}>
      <NoIcon />
      <span>{label(classes[1]!)}</span>
    </button>
  );
  // On the side to which one swipes for it.
  const swapped = directions.left === 0 || directions.right === 1;
  return (
    <div class="controls">
      {undo}
      {swapped ? yes : no}
      {unsure}
      {swapped ? no : yes}
      {view}
    </div>
  );
}

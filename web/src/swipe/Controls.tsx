import { texts } from "../texts";
import { NoIcon, UndoIcon, UnsureIcon, ViewIcon, YesIcon } from "../ui/icons";
import type { Deck } from "./deck";

interface Props {
  deck: Deck;
  swapped: boolean;
  onAnswer(value: string | null): void;
  onUndo(): void;
  onView(): void;
}

// A button that took the focus on a click would swallow the next space key.
const keepFocus = (event: Event) => event.preventDefault();

/** The way to answer without a gesture. */
export function Controls({ deck, swapped, onAnswer, onUndo, onView }: Props) {
  const { classes } = deck.task;
  const nothing = deck.current.value === null;
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
    <button type="button" class="round unsure" aria-keyshortcuts="ArrowDown Space" onMouseDown={keepFocus} onClick={() => onAnswer(null)} disabled={nothing}>
      <UnsureIcon />
      <span>{texts.unsure}</span>
    </button>
  );
  if (classes.length > 2)
    return (
      <div class="controls many">
        <div class="classes">
          {classes.map((name, index) => (
            <button key={name} type="button" class="button" onMouseDown={keepFocus} onClick={() => onAnswer(name)} disabled={nothing}>
              {index < 9 && <kbd>{index + 1}</kbd>}
              <span>{name}</span>
            </button>
          ))}
        </div>
        <div class="row">
          {undo}
          {unsure}
          {view}
        </div>
      </div>
    );
  const yes = (
    <button type="button" class="round big yes" aria-keyshortcuts="ArrowRight A" onMouseDown={keepFocus} onClick={() => onAnswer(classes[0]!)} disabled={nothing}>
      <YesIcon />
      <span>{label(classes[0]!)}</span>
    </button>
  );
  const no = (
    <button type="button" class="round big no" aria-keyshortcuts="ArrowLeft X" onMouseDown={keepFocus} onClick={() => onAnswer(classes[1]!)} disabled={nothing}>
      <NoIcon />
      <span>{label(classes[1]!)}</span>
    </button>
  );
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

/** How a class is called on buttons and cards. */
export function label(name: string): string {
  return name === "yes" ? texts.yes : name === "no" ? texts.no : name;
}

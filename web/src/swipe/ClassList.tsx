import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { texts } from "../texts";
import { matching } from "./classes";
import { keepFocus, label } from "./labels";

/** From here on a list is longer than the digits, and is narrowed by typing. */
const searchFrom = 11;

interface Props {
  classes: readonly string[];
  disabled?: boolean;
  /** The one that is chosen now, where choosing lasts. */
  chosen?: string | null;
  search: RefObject<HTMLInputElement | null>;
  onPick(value: string): void;
}

/** The task's own classes as buttons, the first ten with their digit; a long list can be narrowed. */
export function ClassList({ classes, disabled = false, chosen, search, onPick }: Props) {
  const [wanted, setWanted] = useState("");
  const shown = matching(classes, wanted);
  const pick = (name: string) => {
    setWanted("");
    onPick(name);
  };
  return (
    <div class="class-list">
      {classes.length >= searchFrom && (
        <input
          ref={search}
          type="search"
          class="class-search"
          aria-label={texts.findClass}
          placeholder={texts.findClass}
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && shown[0] !== undefined && !disabled) pick(shown[0]);
            else if (event.key === "Escape") setWanted("");
            else return;
            event.preventDefault();
            event.currentTarget.blur(); // the keys are the page's again
          }}
        />
      )}
      <div class="classes">
        {shown.map((name) => {
          const index = classes.indexOf(name);
          return (
            <button
              key={name}
              type="button"
              class="button"
              title={name}
              {...(chosen === undefined ? {} : { "aria-pressed": chosen === name })}
              onMouseDown={keepFocus}
              onClick={() => pick(name)}
              disabled={disabled}
            >
              {index < 10 && <kbd>{(index + 1) % 10}</kbd>}
              <span>{label(name)}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

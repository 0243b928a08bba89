import type { Task } from "../api";
import { change, settings } from "../settings";
import { changeScheme } from "../shell/scheme";
import { texts } from "../texts";
import { Guidelines } from "../ui/Guidelines";
import { CloseButton, Sheet } from "../ui/Sheet";
import { assign, type Directions, directionNames, directionsKey, type Meaning } from "./directions";
import { label } from "./labels";

/** The example picture, large, beside the one in question. */
export function ExampleSheet({ task, beside, onClose }: { task: Task; beside: string | null; onClose(): void }) {
  return (
    <Sheet label={texts.example} class="example-sheet" onClose={onClose}>
      <div class={beside ? "compare" : undefined}>
        <figure>
          <img src={`${task.example}&size=1024`} alt={texts.exampleAlt} />
          <figcaption>{texts.example}</figcaption>
        </figure>
        {beside && (
          <figure>
            <img src={beside} alt={texts.inQuestion} style={{ filter: settings.value.brightness === 100 ? "none" : `brightness(${settings.value.brightness}%)` }} />
            <figcaption>{texts.inQuestion}</figcaption>
          </figure>
        )}
      </div>
      <h2>{task.question}</h2>
      {task.guidelines && <p class="guidelines">{task.guidelines}</p>}
      <CloseButton onClose={onClose} />
    </Sheet>
  );
}

interface ViewProps {
  task: Task;
  directions: Directions;
  onTutorial(): void;
  onGrid(): void;
  onClose(): void;
}

/** Brightness, directions, guidelines, help. */
export function ViewSheet({ task, directions, onTutorial, onGrid, onClose }: ViewProps) {
  const { scheme } = settings.value;
  return (
    <Sheet label={texts.settings} onClose={onClose}>
      <h2>{texts.settings}</h2>
      <BrightnessField />
      <fieldset class="directions">
        <legend>{texts.directions}</legend>
        {directionNames.map((direction) => (
          <label key={direction} class="field">
            <span>{texts.tutorial[direction]}</span>
            <select
              value={String(directions[direction])}
              onChange={(event) => {
                const meaning = readMeaning(event.currentTarget.value);
                change({ directions: { ...settings.value.directions, [directionsKey(task)]: assign(directions, direction, meaning) } });
              }}
            >
              {task.classes.map((name, index) => (
                <option key={name} value={index}>
                  {label(name)}
                </option>
              ))}
              <option value="unsure">{texts.unsure}</option>
              <option value="none">{texts.nothing}</option>
            </select>
          </label>
        ))}
      </fieldset>
      <Guidelines text={task.guidelines} />
      <div class="actions">
        <button type="button" class="button wide" onClick={onGrid}>
          {texts.grid.show}
        </button>
        <button type="button" class="button wide" onClick={changeScheme}>
          {`${texts.shell.scheme}: ${texts.shell.schemes[scheme]}`}
        </button>
        <button type="button" class="button wide" onClick={onTutorial}>
          {texts.help}
        </button>
        <CloseButton onClose={onClose} />
      </div>
    </Sheet>
  );
}

/** For pictures that are too dark or too bright to judge. */
export function BrightnessField() {
  const { brightness } = settings.value;
  return (
    <div class="field">
      <label for="brightness">{texts.brightness}</label>
      <span class="field-end">
        {brightness !== 100 && (
          <button type="button" class="link" onClick={() => change({ brightness: 100 })}>
            {texts.brightnessReset}
          </button>
        )}
        <output for="brightness">{brightness} %</output>
      </span>
      <input
        id="brightness"
        type="range"
        min={50}
        max={250}
        step={5}
        value={brightness}
        onInput={(event) => change({ brightness: Number(event.currentTarget.value) })}
      />
    </div>
  );
}

function readMeaning(text: string): Meaning {
  return text === "unsure" || text === "none" ? text : Number(text);
}

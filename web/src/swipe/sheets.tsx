import type { Task } from "../api";
import { change, settings } from "../settings";
import { changeScheme } from "../shell/scheme";
import { texts } from "../texts";
import { CloseButton, Sheet } from "../ui/Sheet";

/** The example picture, large, for comparison. */
export function ExampleSheet({ task, onClose }: { task: Task; onClose(): void }) {
  return (
    <Sheet label={texts.example} class="example-sheet" onClose={onClose}>
      <img src={`${task.example}&size=1024`} alt={texts.exampleAlt} />
      <h2>{task.question}</h2>
      {task.guidelines && <p class="guidelines">{task.guidelines}</p>}
      <CloseButton onClose={onClose} />
    </Sheet>
  );
}

/** Brightness, directions, guidelines, help. */
export function ViewSheet({ task, onTutorial, onClose }: { task: Task; onTutorial(): void; onClose(): void }) {
  const { brightness, swap, scheme } = settings.value;
  return (
    <Sheet label={texts.settings} onClose={onClose}>
      <h2>{texts.settings}</h2>
      <div class="field">
        <label for="brightness">{texts.brightness}</label>
        <output for="brightness">{brightness} %</output>
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
      {task.classes.length === 2 && (
        <label class="field check">
          <span>{texts.swap}</span>
          <input type="checkbox" checked={swap} onChange={(event) => change({ swap: event.currentTarget.checked })} />
        </label>
      )}
      {task.guidelines && (
        <section>
          <h3>{texts.guidelines}</h3>
          <p class="guidelines">{task.guidelines}</p>
        </section>
      )}
      <div class="actions">
        <button type="button" class="button wide" onClick={() => change({ brightness: 100 })} disabled={brightness === 100}>
          {`${texts.brightnessReset} ${texts.brightness.toLowerCase()}`}
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

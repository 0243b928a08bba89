import type { Item, Task } from "../api";
import { change, settings } from "../settings";
import { label } from "../swipe/labels";
import { BrightnessField } from "../swipe/sheets";
import { texts } from "../texts";
import { Guidelines } from "../ui/Guidelines";
import { CloseButton, Sheet } from "../ui/Sheet";
import type { Rest } from "./marks";

export function LargeSheet({ item, onClose }: { item: Item; onClose(): void }) {
  const { brightness } = settings.value;
  return (
    <Sheet label={texts.picture(item.imageId)} class="example-sheet" onClose={onClose}>
      <img src={`${item.picture}&size=1024`} alt={texts.picture(item.imageId)} style={{ filter: brightness === 100 ? "none" : `brightness(${brightness}%)` }} />
      <CloseButton onClose={onClose} />
    </Sheet>
  );
}

/** Shown once on a device, and on request. */
export function GridTutorial({ task, rest, onClose }: { task: Task; rest: Rest; onClose(): void }) {
  const t = texts.grid.tutorial;
  const close = () => {
    change({ gridTutorialSeen: true });
    onClose();
  };
  return (
    <Sheet label={texts.help} class="tutorial" onClose={close}>
      <h2>{task.question}</h2>
      {task.example && <img class="tutorial-example" src={`${task.example}&size=512`} alt={texts.exampleAlt} />}
      <ol class="grid-steps">
        <li>{t.mark}</li>
        <li>{t.many}</li>
        <li>{rest.kind === "open" ? t.confirmOpen : t.confirm(label(rest.value))}</li>
      </ol>
      <p class="muted">{t.tips}</p>
      <p class="muted only-keyboard">{t.keys}</p>
      <CloseButton onClose={close} text={texts.tutorial.start} />
    </Sheet>
  );
}

interface ViewProps {
  task: Task;
  rest: Rest;
  onRest(rest: Rest): void;
  onSwipe(): void;
  onTutorial(): void;
  onClose(): void;
}

const open = "open:";

export function GridViewSheet({ task, rest, onRest, onSwipe, onTutorial, onClose }: ViewProps) {
  const { tileSize } = settings.value;
  return (
    <Sheet label={texts.settings} onClose={onClose}>
      <h2>{texts.settings}</h2>
      <BrightnessField />
      <label class="field range">
        <span>{texts.grid.size}</span>
        <input type="range" min={80} max={260} step={20} value={tileSize} onChange={(event) => change({ tileSize: Number(event.currentTarget.value) })} />
      </label>
      <label class="field">
        <span>{texts.grid.rest}</span>
        <select
          value={rest.kind === "open" ? open : `class:${rest.value}`}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            onRest(chosen === open ? { kind: "open" } : { kind: "class", value: chosen.slice("class:".length) });
          }}
        >
          {task.classes.map((name) => (
            <option key={name} value={`class:${name}`}>
              {label(name)}
            </option>
          ))}
          <option value={open}>{texts.grid.leftOpen}</option>
        </select>
      </label>
      <Guidelines text={task.guidelines} />
      <div class="actions">
        <button type="button" class="button wide" onClick={onSwipe}>
          {texts.grid.oneByOne}
        </button>
        <button type="button" class="button wide" onClick={onTutorial}>
          {texts.help}
        </button>
        <CloseButton onClose={onClose} />
      </div>
    </Sheet>
  );
}

import type { Task } from "../api";
import { texts } from "../texts";
import type { Choice } from "./PlacesPage";
import type { About, Show } from "./placesApi";
import { shifted } from "./view";

const at = texts.places;
const shows: readonly Show[] = ["all", "found", "answered", "open"];

interface Props {
  about: About;
  tasks: readonly Task[];
  choice: Choice;
  onChange(change: Partial<Choice>): void;
}

/** Whose labels, which pictures, which days, and what lies under them. */
export function Filters({ about, tasks, choice, onChange }: Props) {
  const bounded = Boolean(choice.from || choice.to);
  const shift = (direction: 1 | -1) => onChange(shifted(choice.from, choice.to, direction));
  return (
    <div class="places-filters">
      {tasks.length > 0 && (
        <label class="choice">
          <span>{at.labels}</span>
          <select value={choice.task ?? ""} onChange={(event) => onChange({ task: event.currentTarget.value || null, show: "all" })}>
            <option value="">{at.noLabels}</option>
            {tasks.map((task) => (
              <option key={task.name} value={task.name}>
                {task.question}
              </option>
            ))}
          </select>
        </label>
      )}
      {choice.task !== null && (
        <label class="choice">
          <span>{at.show}</span>
          <select value={choice.show} onChange={(event) => onChange({ show: event.currentTarget.value as Show })}>
            {shows.map((show) => (
              <option key={show} value={show}>
                {at.shows[show]}
              </option>
            ))}
          </select>
        </label>
      )}
      {about.first && about.last && (
        <fieldset class="places-days">
          <legend>{at.days}</legend>
          <label class="choice">
            <span>{at.from}</span>
            <input type="date" min={about.first} max={about.last} value={choice.from} onChange={(event) => onChange({ from: event.currentTarget.value })} />
          </label>
          <label class="choice">
            <span>{at.to}</span>
            <input type="date" min={about.first} max={about.last} value={choice.to} onChange={(event) => onChange({ to: event.currentTarget.value })} />
          </label>
          <button type="button" class="button" disabled={!bounded} onClick={() => shift(-1)}>
            {at.earlier}
          </button>
          <button type="button" class="button" disabled={!bounded} onClick={() => shift(1)}>
            {at.later}
          </button>
          <button type="button" class="button" disabled={!bounded} onClick={() => onChange({ from: "", to: "" })}>
            {at.allDays}
          </button>
        </fieldset>
      )}
      {about.background && (
        <label class="places-check">
          <input type="checkbox" checked={choice.background} onChange={(event) => onChange({ background: event.currentTarget.checked })} />
          {at.background(about.background.attribution)}
        </label>
      )}
    </div>
  );
}

import { useEffect, useState } from "preact/hooks";
import type { Task } from "../api";
import { texts } from "../texts";
import { conditions, type FilterForm, noFilter } from "./filter";
import type { Search } from "./search";
import type { Choices } from "./searchApi";

/** Which pictures count. Only what this archive can be narrowed by is offered; each change searches again. */
export function FilterPanel({ search, choices, tasks }: { search: Search; choices: Choices; tasks: Task[] }) {
  const form = search.filter.value;
  const change = (part: Partial<FilterForm>) => void search.changeFilter(part);
  const set = conditions(form);
  const task = tasks.find((candidate) => candidate.name === form.task);
  return (
    <details class="filters">
      <summary>{texts.search.filters.title(set)}</summary>
      <div class="filters-body">
        {choices.dated && (
          <fieldset>
            <legend>{texts.search.filters.date}</legend>
            <label>
              {texts.search.filters.from}
              <input type="date" value={form.from} onChange={(event) => change({ from: event.currentTarget.value })} />
            </label>
            <label>
              {texts.search.filters.to}
              <input type="date" value={form.to} onChange={(event) => change({ to: event.currentTarget.value })} />
            </label>
          </fieldset>
        )}
        {choices.placed && <BoxFields form={form} onChange={change} />}
        <Names legend={texts.search.filters.products} all={choices.products} chosen={form.products} onChange={(products) => change({ products })} />
        <Names legend={texts.search.filters.resolutions} all={choices.resolutions} chosen={form.resolutions} onChange={(resolutions) => change({ resolutions })} />
        <Names legend={texts.search.filters.periods} all={choices.periods} chosen={form.periods} onChange={(periods) => change({ periods })} />
        {tasks.length > 0 && (
          <fieldset>
            <legend>{texts.search.filters.labels}</legend>
            <label>
              {texts.search.filters.task}
              <select value={form.task} onChange={(event) => change({ task: event.currentTarget.value, answer: "any" })}>
                <option value="">{texts.search.filters.all}</option>
                {tasks.map(({ name }) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            {task && (
              <label>
                {texts.search.filters.answer}
                <select value={form.answer} onChange={(event) => change({ answer: event.currentTarget.value })}>
                  <option value="any">{texts.search.filters.any}</option>
                  <option value="none">{texts.search.filters.none}</option>
                  {task.classes.map((name) => (
                    <option key={name} value={`=${name}`}>
                      {name}
                    </option>
                  ))}
                  <option value="unsure">{texts.unsure}</option>
                </select>
              </label>
            )}
          </fieldset>
        )}
        <fieldset>
          <legend>{texts.search.filters.once}</legend>
          {choices.placed && <Tick text={texts.search.filters.onePerPlace} checked={form.onePerPlace} onChange={(onePerPlace) => change({ onePerPlace })} />}
          <Tick text={texts.search.filters.distinct} checked={form.distinct} onChange={(distinct) => change({ distinct })} />
        </fieldset>
        <button type="button" class="button" disabled={set === 0} onClick={() => change(noFilter)}>
          {texts.search.filters.clear}
        </button>
      </div>
    </details>
  );
}

/** Four numbers. Half a box is still being typed: the search follows when all four are there, or none. */
function BoxFields({ form, onChange }: { form: FilterForm; onChange(part: Partial<FilterForm>): void }) {
  const [typed, setTyped] = useState(form.box);
  useEffect(() => setTyped(form.box), [form.box]);
  return (
    <fieldset class="box">
      <legend>{texts.search.filters.place}</legend>
      {texts.search.filters.sides.map((name, side) => (
        <label key={name}>
          {name}
          <input
            type="number"
            inputMode="decimal"
            step="any"
            min={side % 2 === 0 ? -90 : -180}
            max={side % 2 === 0 ? 90 : 180}
            value={typed[side]}
            onInput={(event) => {
              const box: FilterForm["box"] = [...typed];
              box[side] = event.currentTarget.value;
              setTyped(box);
              const filled = box.filter((degrees) => degrees !== "").length;
              if (filled === 0 || filled === 4) onChange({ box });
            }}
          />
        </label>
      ))}
    </fieldset>
  );
}

function Names({ legend, all, chosen, onChange }: { legend: string; all: string[]; chosen: string[]; onChange(chosen: string[]): void }) {
  if (all.length < 2) return null;
  return (
    <fieldset class="names">
      <legend>{legend}</legend>
      {all.map((name) => (
        <Tick
          key={name}
          text={name}
          checked={chosen.includes(name)}
          onChange={(checked) => onChange(checked ? [...chosen, name] : chosen.filter((other) => other !== name))}
        />
      ))}
    </fieldset>
  );
}

function Tick({ text, checked, onChange }: { text: string; checked: boolean; onChange(checked: boolean): void }) {
  return (
    <label class="tick">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{text}</span>
    </label>
  );
}

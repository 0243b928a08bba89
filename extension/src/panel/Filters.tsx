import { noFilter } from "../../../web/src/search/filter";
import type { Choices } from "../../../web/src/search/searchApi";
import { texts } from "../texts";
import type { Explorer } from "./explorer";

/** Dates and products that count; each change searches again. */
export function Filters({ explorer, choices }: { explorer: Explorer; choices: Choices }) {
  const form = explorer.filter.value;
  const set = Number(form.from !== "" || form.to !== "") + Number(form.products.length > 0) + Number(form.resolutions.length > 0);
  const names = (key: "products" | "resolutions", legend: string) =>
    choices[key].length > 1 && (
      <fieldset>
        <legend>{legend}</legend>
        {choices[key].map((name) => (
          <label key={name} class="tick">
            <input
              type="checkbox"
              checked={form[key].includes(name)}
              onChange={(event) => void explorer.changeFilter({ [key]: event.currentTarget.checked ? [...form[key], name] : form[key].filter((other) => other !== name) })}
            />
            {name}
          </label>
        ))}
      </fieldset>
    );
  return (
    <details class="filters">
      <summary>{texts.filters.title(set)}</summary>
      {choices.dated && (
        <div class="row">
          <label>
            {texts.filters.from}
            <input type="date" value={form.from} onChange={(event) => void explorer.changeFilter({ from: event.currentTarget.value })} />
          </label>
          <label>
            {texts.filters.to}
            <input type="date" value={form.to} onChange={(event) => void explorer.changeFilter({ to: event.currentTarget.value })} />
          </label>
        </div>
      )}
      {names("products", texts.filters.products)}
      {names("resolutions", texts.filters.resolutions)}
      <button type="button" disabled={set === 0} onClick={() => void explorer.changeFilter(noFilter)}>
        {texts.filters.clear}
      </button>
    </details>
  );
}

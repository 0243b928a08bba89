import { texts } from "../texts";
import { shownName } from "../ui/person";
import { relative } from "../ui/time";
import type { LiveState, PersonReport } from "./live";

const t = texts.live;

/** Everybody who has answered, and those who are here and have not yet. */
export function People({ people, here, onPerson }: { people: readonly PersonReport[]; here: LiveState["here"]; onPerson(person: string, name: string): void }) {
  const now = Date.now();
  const present = new Map(here.map((person) => [person.person, person]));
  const quiet = here.filter((person) => !people.some((report) => report.person === person.person));
  const names = [...people.map((report) => report.person), ...quiet.map((person) => person.person)];
  const checked = people.some((report) => report.gold > 0);
  const repeated = people.some((report) => report.repeats > 0);
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={t.people}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.columns.person}</th>
            <th scope="col">{t.columns.answers}</th>
            <th scope="col">{t.columns.pace}</th>
            <th scope="col">{t.columns.median}</th>
            <th scope="col">{t.columns.unsure}</th>
            {checked && <th scope="col">{t.columns.gold}</th>}
            {repeated && <th scope="col">{t.columns.repeats}</th>}
            <th scope="col">{t.columns.last}</th>
          </tr>
        </thead>
        <tbody>
          {people.map((report) => (
            <tr key={report.person}>
              <Name person={report.person} names={names} here={present.has(report.person)} onOpen={onPerson} />
              <td>{report.answers}</td>
              <td>{present.get(report.person)?.perMinute ?? report.perMinute}</td>
              <td>{report.medianSeconds === null ? "–" : t.seconds(report.medianSeconds)}</td>
              <td>{report.unsure}</td>
              {checked && <td>{t.share(report.goldRight, report.gold)}</td>}
              {repeated && <td>{t.share(report.repeatsSame, report.repeats)}</td>}
              <td>{relative(report.lastAt, now)}</td>
            </tr>
          ))}
          {quiet.map((person) => (
            <tr key={person.person}>
              <Name person={person.person} names={names} here />
              <td>0</td>
              <td>0</td>
              <td>–</td>
              <td>0</td>
              {checked && <td>–</td>}
              {repeated && <td>–</td>}
              <td>–</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Name({ person, names, here, onOpen }: { person: string; names: readonly string[]; here: boolean; onOpen?: (person: string, name: string) => void }) {
  const name = shownName(person, names);
  return (
    <th scope="row">
      {onOpen ? (
        <button type="button" class="link person" title={t.log.open(name)} onClick={() => onOpen(person, name)}>
          {name}
        </button>
      ) : (
        name
      )}
      {here && <span class="tag">{t.hereNow}</span>}
    </th>
  );
}

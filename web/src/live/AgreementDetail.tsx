import { useState } from "preact/hooks";
import { label } from "../swipe/labels";
import { texts } from "../texts";
import { shownName } from "../ui/person";
import { type Agreement, type Estimate, live } from "./live";

const t = texts.live;

/** Kappas and alpha with their intervals; computed on request, as it reads every opinion. */
export function AgreementDetail({ task, onProblem }: { task: string; onProblem(error: unknown): void }) {
  const [found, setFound] = useState<Agreement | null>(null);
  const [busy, setBusy] = useState(false);

  async function load() {
    setBusy(true);
    try {
      setFound(await live.agreement(task));
    } catch (error) {
      onProblem(error);
    } finally {
      setBusy(false);
    }
  }

  const people = found ? found.reliabilities.map((reliability) => reliability.person) : [];
  return (
    <section>
      <h2>{t.detail}</h2>
      {found && (
        <div class="table-scroll" tabIndex={0} role="region" aria-label={t.detail}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t.measure}</th>
                <th scope="col">{t.value}</th>
                <th scope="col">{t.interval}</th>
              </tr>
            </thead>
            <tbody>
              <Row name={t.percent} of={found.percent} />
              <Row name={t.fleiss} of={found.fleissKappa} />
              <Row name={t.krippendorff} of={found.krippendorffAlpha} />
              {found.classes.map((one) => (
                <Row key={one.class} name={t.forClass(label(one.class))} of={one.alpha} />
              ))}
              {found.pairs.map((pair) => (
                <tr key={`${pair.first} ${pair.second}`}>
                  <th scope="row">{t.pair(shownName(pair.first, people), shownName(pair.second, people))}</th>
                  <td>{pair.cohenKappa === null ? t.undefinedValue : `κ ${pair.cohenKappa.toFixed(2)}`}</td>
                  <td>{t.on(pair.images)}</td>
                </tr>
              ))}
              {found.reliabilities.map((one) => (
                <tr key={one.person}>
                  <th scope="row">{t.reliability(shownName(one.person, people))}</th>
                  <td>{`${Math.round(one.accuracy * 100)} %`}</td>
                  <td>{t.on(one.ratings)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <button type="button" class="button" disabled={busy} onClick={() => void load()}>
        {t.detailLoad}
      </button>
    </section>
  );
}

function Row({ name, of }: { name: string; of: Estimate }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{of.value === null ? t.undefinedValue : of.value.toFixed(3)}</td>
      <td>{of.low === null || of.high === null ? "–" : `${of.low.toFixed(3)} – ${of.high.toFixed(3)}`}</td>
    </tr>
  );
}

import { useState } from "preact/hooks";
import { ApiError, type Progress } from "../api";
import { texts } from "../texts";
import { type Learning, type Request, roundsApi, type Work } from "./roundsApi";

interface Props {
  task: string;
  learning: Learning;
  progress: Progress;
  owner: boolean;
  onChange(learning: Learning): void;
  onFault(fault: string | null): void;
}

/** What runs, and the buttons that start and stop it; those for owners only. */
export function Runs({ task, learning, progress, owner, onChange, onFault }: Props) {
  const [busy, setBusy] = useState(false);
  const [options, setOptions] = useState<Record<string, string>>({});
  const { job } = learning;
  const alive = job.state === "running" || job.state === "stopping";

  const send = async (call: () => Promise<Learning>) => {
    setBusy(true);
    try {
      onChange(await call());
      onFault(null);
    } catch (error) {
      onFault(error instanceof ApiError ? `${error.message} ${error.nextStep}` : texts.failed.offline);
    }
    setBusy(false);
  };
  const begin = (work: Work) => send(() => roundsApi.begin(task, requestOf(work, options)));
  const option = (name: string) => ({
    value: options[name] ?? "",
    onInput: (event: { currentTarget: { value: string } }) => setOptions({ ...options, [name]: event.currentTarget.value }),
  });

  return (
    <section class="panel runs" aria-label={texts.rounds.title}>
      <p class="runs-state" role="status" aria-busy={alive}>
        {alive && <span class="runs-pulse" aria-hidden="true" />}
        {stateOf(learning, progress)}
      </p>
      {owner && (
        <>
          <div class="runs-buttons">
            {alive ? (
              <button type="button" class="button" disabled={busy || job.state === "stopping"} onClick={() => send(() => roundsApi.stop(task))}>
                {texts.rounds.actions.stop}
              </button>
            ) : (
              <>
                <button type="button" class="button primary" disabled={busy || learning.elsewhere} onClick={() => begin("round")}>
                  {texts.rounds.actions.round}
                </button>
                <button type="button" class="button" disabled={busy || learning.elsewhere} onClick={() => begin("rounds")}>
                  {texts.rounds.actions.rounds}
                </button>
                <button type="button" class="button" disabled={busy} onClick={() => begin("sweep")}>
                  {texts.rounds.actions.sweep}
                </button>
              </>
            )}
          </div>
          {!alive && (
            <details class="runs-options">
              <summary>{texts.rounds.options.title}</summary>
              <div class="runs-fields">
                <label>
                  {texts.rounds.options.budget}
                  <input type="number" min={2} step={1} placeholder={String(learning.budget)} {...option("labelBudget")} />
                </label>
                <label>
                  {texts.rounds.options.size}
                  <input type="number" min={1} step={1} placeholder={String(learning.roundSize)} {...option("roundSize")} />
                </label>
                <label>
                  {texts.rounds.options.target}
                  <input type="number" min={0} max={1} step={0.01} {...option("targetF1")} />
                </label>
                <label>
                  {texts.rounds.options.strategy}
                  <select {...option("strategy")}>
                    <option value="">{learning.strategy}</option>
                    {learning.strategies
                      .filter((name) => name !== learning.strategy)
                      .map((name) => (
                        <option key={name} value={name}>
                          {name}
                        </option>
                      ))}
                  </select>
                </label>
              </div>
            </details>
          )}
        </>
      )}
    </section>
  );
}

/** Fields that were left empty stay as the project has them. */
function requestOf(work: Work, options: Record<string, string>): Request {
  const request: Request = { work };
  if (work === "sweep") return request;
  for (const name of ["labelBudget", "roundSize", "targetF1"] as const) {
    const value = Number.parseFloat(options[name] ?? "");
    if (Number.isFinite(value)) request[name] = value;
  }
  if (options.strategy) request.strategy = options.strategy;
  return request;
}

function stateOf({ job, elsewhere, done, total }: Learning, progress: Progress): string {
  const { state } = texts.rounds;
  if (job.state === "stopping") return state.stopping;
  if (job.state === "running" && job.request?.work === "sweep") return state.sweeping(done, total);
  const waits = progress.phase === "labeling" ? state.labeling(progress.open) : "";
  if (job.state === "running") return waits || state.learningNow;
  if (elsewhere) return `${state.elsewhere} ${waits}`;
  if (job.state === "failed") return `${state.failed(job.message ?? "")} ${job.nextStep ?? ""}`;
  if (job.state === "stopped") return `${state.stopped} ${waits}`;
  if (job.state === "done" && job.message) return `${job.message} ${waits}`;
  if (waits) return waits;
  return progress.round < 0 ? state.notStarted : state.learning;
}

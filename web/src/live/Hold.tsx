import { useState } from "preact/hooks";
import { api, type TaskState } from "../api";
import { texts } from "../texts";

const t = texts.live;

/** Pauses, resumes and ends a task. What people have answered is kept in every state. */
export function Hold({ task, state, onProblem }: { task: string; state: TaskState; onProblem(error: unknown): void }) {
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);

  async function change(next: TaskState) {
    setBusy(true);
    setAsked(false);
    try {
      await api.change(task, { state: next });
    } catch (error) {
      onProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <div class="row-actions">
      {state === "open" && (
        <button type="button" class="button" disabled={busy} onClick={() => void change("paused")}>
          {t.pause}
        </button>
      )}
      {state !== "open" && (
        <button type="button" class="button primary" disabled={busy} onClick={() => void change("open")}>
          {state === "paused" ? t.resume : t.reopen}
        </button>
      )}
      {state !== "stopped" &&
        (asked ? (
          <>
            <button type="button" class="button danger" disabled={busy} onClick={() => void change("stopped")}>
              {t.stopNow}
            </button>
            <button type="button" class="button" onClick={() => setAsked(false)}>
              {t.keep}
            </button>
          </>
        ) : (
          <button type="button" class="button" disabled={busy} onClick={() => setAsked(true)}>
            {t.stop}
          </button>
        ))}
    </div>
  );
}

import { useEffect, useState } from "preact/hooks";
import { api, ApiError, OfflineError, type Session, type Task } from "./api";
import { Kept } from "./kept";
import { Outbox } from "./outbox";
import { openOutboxStore } from "./outboxStore";
import { Shell } from "./shell/Shell";
import { texts } from "./texts";
import { Notice } from "./ui/Notice";

interface Opened {
  session: Session;
  tasks: Task[];
  outbox: Outbox;
}

type Last = Pick<Opened, "session" | "tasks">;

type State = { kind: "loading" } | { kind: "noSession" } | { kind: "failed"; title: string; text: string } | { kind: "open"; opened: Opened };

export function App() {
  const [state, setState] = useState<State>({ kind: "loading" });

  useEffect(() => {
    void start();
  }, []);

  async function start() {
    try {
      setState({ kind: "open", opened: await open() });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) setState({ kind: "noSession" });
      else if (error instanceof ApiError) setState({ kind: "failed", title: error.message, text: error.nextStep });
      else setState({ kind: "failed", title: texts.failed.title, text: texts.failed.offline });
    }
  }

  if (state.kind === "loading") return <Notice title={texts.loading} busy />;
  if (state.kind === "noSession") return <Notice title={texts.noSession.title} text={texts.noSession.text} />;
  if (state.kind === "failed") return <Notice title={state.title} text={state.text} action={{ text: texts.failed.retry, onClick: () => void start() }} />;

  const { session, tasks, outbox } = state.opened;
  if (outbox.locked.value) return <Notice title={texts.noSession.title} text={`${texts.noSession.text} ${texts.noSession.kept(outbox.unsent.value)}`} />;
  return <Shell session={session} tasks={tasks} outbox={outbox} />;
}

async function open(): Promise<Opened> {
  const { session, tasks } = await load();
  const outbox = new Outbox(await openOutboxStore(), api.answer, session.workspace);
  window.addEventListener("online", () => void outbox.flush());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void outbox.flush();
  });
  return { session, tasks, outbox };
}

/** From the server, or what it said last time when it cannot be reached. */
async function load(): Promise<Last> {
  const kept = new Kept<Last>("last");
  try {
    const last = { session: await enter(), tasks: await api.tasks() };
    kept.write([last]);
    return last;
  } catch (error) {
    const last = kept.read()[0];
    if (error instanceof OfflineError && last) return last;
    throw error;
  }
}

/** Exchanges the link's token, if there is one, and takes it out of the address: it must not stay in the history or in a screenshot. */
async function enter(): Promise<Session> {
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (token === undefined) return api.session();
  history.replaceState(null, "", location.pathname);
  try {
    return await api.openSession(token);
  } catch (error) {
    // An old link opened again by someone who is here already.
    if (error instanceof ApiError && error.status === 401) return api.session();
    throw error;
  }
}

import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../api";
import { reaches } from "../shell/roles";
import type { PageProps } from "../shell/routes";
import { texts } from "../texts";
import { Link } from "../ui/Link";
import "../ui/page.css";
import { TaskPicker } from "../ui/TaskPicker";
import { AgreementDetail } from "./AgreementDetail";
import { ChangeTask } from "./ChangeTask";
import { Hold } from "./Hold";
import "./live.css";
import { line, live, type LiveState, type Pace, type PersonReport, seen, watch } from "./live";
import { People } from "./People";
import { PersonLog } from "./PersonLog";

const t = texts.live;
/** The table of people is read anew at most this often, while something changes. */
const peopleEvery = 4_000;

/** Who is here, how fast it goes, how far people agree, and what is left. */
export default function LivePage(props: PageProps) {
  const task = props.tasks.find((candidate) => candidate.name === props.params.task) ?? props.tasks[0];
  return task ? <Live key={task.name} {...props} task={task} /> : <main class="page"><h1>{t.title}</h1><p class="muted">{texts.tasks.none}</p></main>;
}

function Live({ tasks, task, session }: PageProps & { task: PageProps["tasks"][number] }) {
  const [state, setState] = useState<LiveState | null>(null);
  const [connected, setConnected] = useState(true);
  const [paces, setPaces] = useState<Pace[]>([]);
  const [people, setPeople] = useState<PersonReport[] | null>(null);
  const [problem, setProblem] = useState("");
  const [opened, setOpened] = useState<{ person: string; name: string } | null>(null);
  const isOwner = reaches(session.role, "owner");

  useEffect(() => {
    let readAt = 0;
    let later: ReturnType<typeof setTimeout> | undefined;
    const read = () => {
      readAt = Date.now();
      live.people(task.name).then(setPeople, () => undefined);
    };
    const stop = watch(
      task.name,
      (next) => {
        setState(next);
        setPaces((before) => seen(before, next.perMinute, Date.now()));
        clearTimeout(later);
        later = setTimeout(read, Math.max(0, readAt + peopleEvery - Date.now()));
      },
      setConnected,
    );
    return () => {
      stop();
      clearTimeout(later);
    };
  }, [task.name]);

  const show = (error: unknown) => setProblem(error instanceof ApiError ? `${error.message} ${error.nextStep}` : texts.failed.offline);
  const progress = state?.progress ?? task.progress;
  return (
    <main class="page live">
      <header class="live-head">
        <h1>{task.question}</h1>
        {state && <span class="tag" data-state={state.state}>{t.states[state.state]}</span>}
      </header>
      <TaskPicker tasks={tasks} task={task} base="/live" />
      {!connected && <p class="hint" role="status">{state ? t.lost : t.connecting}</p>}
      <dl class="figures">
        <Figure name={t.left} value={progress.open} more={t.of(progress.asked)} share={progress.asked > 0 ? 1 - progress.open / progress.asked : 0} />
        <Figure name={t.perMinute} value={state?.perMinute ?? 0} />
        <Figure name={t.here} value={state?.here.length ?? 0} />
        <Figure
          name={t.agreement}
          value={state?.percent == null ? "–" : `${Math.round(state.percent * 100)} %`}
          more={!state || state.agreementImages === 0 ? t.agreementNone : t.agreementOn(state.agreementImages, state.alpha === null ? null : state.alpha.toFixed(2))}
        />
        <Figure name={t.found} value={progress.positives} more={`${progress.unsure} ${texts.unsure.toLowerCase()}`} />
        <div class="figure">
          <dt>{t.conflicts}</dt>
          <dd>{state?.conflicts ?? 0}</dd>
          {state && state.conflicts > 0 && (
            <dd class="more">
              <Link class="go" href={`/review/${encodeURIComponent(task.name)}`}>
                {texts.review.title}
              </Link>
            </dd>
          )}
        </div>
      </dl>
      <section class="panel">
        <h2 class="first">{t.pace}</h2>
        <svg class="pace" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label={`${t.perMinute}: ${state?.perMinute ?? 0}`}>
          <path d={line(paces, Date.now())} />
        </svg>
      </section>
      <p role="alert" class="problem">
        {problem}
      </p>
      {isOwner && state && <Hold task={task.name} state={state.state} onProblem={show} />}
      <section>
        <h2>{t.people}</h2>
        {people === null ? null : people.length === 0 && state?.here.length === 0 ? <p class="muted">{t.nobody}</p> : <People people={people} here={state?.here ?? []} onPerson={(person, name) => setOpened({ person, name })} />}
      </section>
      <AgreementDetail key={task.name} task={task.name} onProblem={show} />
      {opened && <PersonLog key={opened.person} task={task.name} {...opened} onProblem={show} onClose={() => setOpened(null)} />}
      {isOwner && <ChangeTask task={task} onProblem={show} />}
    </main>
  );
}

function Figure({ name, value, more, share }: { name: string; value: number | string; more?: string; share?: number }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
      {more && <dd class="more">{more}</dd>}
      {share !== undefined && (
        <dd class="bar" aria-hidden="true">
          <div style={{ transform: `scaleX(${share})` }} />
        </dd>
      )}
    </div>
  );
}

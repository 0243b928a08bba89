import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, api, listen, type Progress, type Task } from "../api";
import { reaches } from "../shell/roles";
import type { PageProps } from "../shell/routes";
import { texts } from "../texts";
import { Link } from "../ui/Link";
import { Notice } from "../ui/Notice";
import { Border } from "./Border";
import { Curves } from "./Curves";
import { finished } from "./curves";
import { Figures } from "./Figures";
import { Queue } from "./Queue";
import { type Learning, type Round, roundsApi } from "./roundsApi";
import { Runs } from "./Runs";
import "./rounds.css";

const lookAgainMilliseconds = 2000;

/** A task's rounds: where they stand, how good they are, what is asked, and the buttons that set them going. */
export default function RoundsPage({ session, tasks: known, params }: PageProps) {
  const [tasks, setTasks] = useState(known);
  useEffect(() => {
    api.tasks().then(setTasks, () => undefined); // offline: what is known stands
  }, []);
  const task = params.task === undefined ? tasks[0] : tasks.find((candidate) => candidate.name === params.task);
  if (!task) return <Notice title={texts.tasks.none} text={texts.tasks.noneHint} />;
  return (
    <main class="rounds">
      {tasks.length > 1 && (
        <nav class="rounds-tasks" aria-label={texts.rounds.tasks}>
          {tasks.map((other) => (
            <Link key={other.name} href={`/rounds/${encodeURIComponent(other.name)}`} {...(other.name === task.name ? { "aria-current": "page" as const } : {})}>
              {other.name}
            </Link>
          ))}
        </nav>
      )}
      <TaskRounds key={task.name} task={task} owner={reaches(session.role, "owner")} />
    </main>
  );
}

function TaskRounds({ task, owner }: { task: Task; owner: boolean }) {
  const [learning, setLearning] = useState<Learning | null>(null);
  const [rounds, setRounds] = useState<Round[]>([]);
  const [progress, setProgress] = useState(task.progress);
  const [fault, setFault] = useState<string | null>(null);
  const gone = useRef(false);

  const read = useCallback(async () => {
    try {
      const [now, all] = await Promise.all([roundsApi.learning(task.name), roundsApi.rounds(task.name)]);
      if (gone.current) return;
      setLearning(now);
      setRounds(all);
      setFault(null);
    } catch (error) {
      if (!gone.current) setFault(error instanceof ApiError ? error.message : texts.failed.offline);
    }
  }, [task.name]);

  useEffect(() => {
    gone.current = false;
    void read();
    const stop = listen((change: Progress) => {
      if (change.task !== task.name) return;
      setProgress(change);
      void read();
    });
    return () => {
      gone.current = true;
      stop();
    };
  }, [read, task.name]);

  const alive = learning?.job.state === "running" || learning?.job.state === "stopping" || learning?.elsewhere === true;
  useEffect(() => {
    if (!alive) return;
    const timer = setInterval(read, lookAgainMilliseconds);
    return () => clearInterval(timer);
  }, [alive, read]);

  const done = finished(rounds);
  return (
    <>
      <header class="rounds-head">
        {task.example && <img src={`${task.example}&size=128`} alt={texts.exampleAlt} />}
        <h1>{task.question}</h1>
        <Link class="button" href={`/tasks/${encodeURIComponent(task.name)}`}>
          {texts.rounds.label}
        </Link>
      </header>
      {fault && (
        <p class="rounds-fault" role="alert">
          {fault}
        </p>
      )}
      {learning ? (
        <>
          <Runs task={task.name} learning={learning} progress={progress} owner={owner} onChange={setLearning} onFault={setFault} />
          <Figures task={task} learning={learning} rounds={done} progress={progress} />
          <Curves rounds={done} />
          {learning.sweep && <Border key={learning.sweep.threshold} task={task} round={progress.round} onStored={read} />}
          <Queue task={task} newest={progress.round} asked={progress.asked} answered={progress.answered} />
        </>
      ) : (
        !fault && <p class="muted">{texts.rounds.loading}</p>
      )}
    </>
  );
}

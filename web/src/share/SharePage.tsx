import { useEffect, useState } from "preact/hooks";
import { ApiError, type Role } from "../api";
import type { PageProps } from "../shell/routes";
import { texts } from "../texts";
import "../ui/page.css";
import { relative } from "../ui/time";
import { LinkSheet } from "./LinkSheet";
import { type CreatedLink, type Link, links, stateOf } from "./links";
import "./share.css";

const t = texts.share;
const roles: Role[] = ["labeler", "viewer", "reviewer", "owner"];
const hours = [1, 24, 24 * 7, 24 * 30];
const uses = [null, 1, 5, 20, 100];

/** The owner makes links to hand out, and ends them. */
export default function SharePage({ tasks, session }: PageProps) {
  const [all, setAll] = useState<Link[] | null>(null);
  const [made, setMade] = useState<CreatedLink | null>(null);
  const [problem, setProblem] = useState("");

  const load = () => links.all().then((found) => setAll([...found].reverse()), show);
  useEffect(() => void load(), []);

  function show(error: unknown) {
    setProblem(error instanceof ApiError ? `${error.message} ${error.nextStep}` : texts.failed.offline);
  }

  async function create(form: HTMLFormElement) {
    const values = new FormData(form);
    setProblem("");
    try {
      setMade(
        await links.create({
          role: values.get("role") as Role,
          hours: Number(values.get("hours")),
          task: (values.get("task") as string) || null,
          maxUses: values.get("uses") === "" ? null : Number(values.get("uses")),
        }),
      );
      await load();
    } catch (error) {
      show(error);
    }
  }

  async function revoke(id: string) {
    setProblem("");
    try {
      await links.revoke(id);
      await load();
    } catch (error) {
      show(error);
    }
  }

  return (
    <main class="page share">
      <h1>{t.title}</h1>
      <p class="muted">{t.text}</p>
      {isLoopback(location.hostname) && <p class="hint">{t.loopback}</p>}
      <form
        class="panel link-form"
        onSubmit={(event) => {
          event.preventDefault();
          void create(event.currentTarget);
        }}
      >
        <Choice name="role" label={t.role} options={roles.map((role) => [role, t.roles[role]])} />
        <Choice name="task" label={t.task} options={[...(session.task === null ? [["", t.allTasks]] : []), ...tasks.map((task) => [task.name, task.question])] as [string, string][]} />
        <Choice name="hours" label={t.lasts} chosen={String(24 * 7)} options={hours.map((count) => [String(count), t.hours(count)])} />
        <Choice name="uses" label={t.uses} options={uses.map((count) => [count === null ? "" : String(count), t.people(count)])} />
        <button type="submit" class="button primary wide">
          {t.make}
        </button>
      </form>
      <p role="alert" class="problem">
        {problem}
      </p>
      <h2>{t.existing}</h2>
      {all !== null && (
        <ul class="rows">
          {all.map((link) => (
            <LinkRow key={link.id} link={link} own={link.id === session.link} question={tasks.find((task) => task.name === link.task)?.question ?? link.task} onRevoke={() => void revoke(link.id)} />
          ))}
        </ul>
      )}
      {made && <LinkSheet made={made} onClose={() => setMade(null)} />}
    </main>
  );
}

function LinkRow({ link, own, question, onRevoke }: { link: Link; own: boolean; question: string | null; onRevoke(): void }) {
  const [asked, setAsked] = useState(false);
  const now = Date.now();
  const state = stateOf(link, now);
  return (
    <li class="row" data-state={state}>
      <div class="row-text">
        <strong>
          {t.roleNames[link.role]}
          {own && <span class="tag">{t.yours}</span>}
        </strong>
        <span class="muted">{question ?? t.allTasks}</span>
        <span class="muted">
          {t.used(link.uses, link.maxUses)} · {state === "revoked" ? t.revoked : state === "usedUp" ? t.usedUp : t.expires(relative(link.expiresAt, now))}
        </span>
      </div>
      {(state === "valid" || state === "usedUp") &&
        (asked ? (
          <div class="row-actions">
            <button type="button" class="button danger" onClick={onRevoke} autofocus>
              {own ? t.revokeOwn : t.revokeNow}
            </button>
            <button type="button" class="button" onClick={() => setAsked(false)}>
              {t.keep}
            </button>
          </div>
        ) : (
          <button type="button" class="button" onClick={() => setAsked(true)}>
            {t.revoke}
          </button>
        ))}
    </li>
  );
}

function Choice({ name, label, options, chosen }: { name: string; label: string; options: [string, string][]; chosen?: string }) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select name={name}>
        {options.map(([value, text]) => (
          <option key={value} value={value} selected={value === chosen}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Only this machine can open such an address. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

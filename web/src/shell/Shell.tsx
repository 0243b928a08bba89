import type { ComponentType } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Session, Task } from "../api";
import type { Outbox } from "../outbox";
import { texts } from "../texts";
import { Notice } from "../ui/Notice";
import { matchPath } from "./match";
import { Navigation } from "./Navigation";
import { go, path } from "./path";
import { navigationFrom, reaches } from "./roles";
import { type Page, type PageProps, pages } from "./routes";
import "./shell.css";

interface Props {
  session: Session;
  tasks: Task[];
  outbox: Outbox;
}

/** The page that the address names, with the way to the others around it. */
export function Shell({ session, tasks, outbox }: Props) {
  const content = useRef<HTMLDivElement>(null);
  const shown = find(path.value);
  useFreshPage(content, shown.page);

  const allowed = reaches(session.role, shown.page.least);
  const page = allowed ? (
    <PageOf key={shown.page.pattern} page={shown.page} session={session} tasks={tasks} outbox={outbox} params={shown.params} />
  ) : (
    <Notice title={texts.shell.notYours} text={texts.shell.notYoursHint} action={{ text: texts.shell.toTasks, onClick: () => go("/") }} />
  );
  if (!reaches(session.role, navigationFrom)) return page;
  return (
    <div class="shell">
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          content.current?.focus();
        }}
      >
        {texts.shell.skip}
      </a>
      <Navigation role={session.role} current={shown.page} />
      <div class="shell-content" id="content" ref={content} tabIndex={-1}>
        {page}
      </div>
    </div>
  );
}

function find(address: string): { page: Page; params: Record<string, string> } {
  for (const page of pages) {
    const params = matchPath(page.pattern, address);
    if (params) return { page, params };
  }
  return { page: pages[0]!, params: {} };
}

/** Another page begins at its top, with its title in the tab, and with the keyboard's focus in it rather than on a link that may be gone. */
function useFreshPage(content: { current: HTMLDivElement | null }, page: Page) {
  const first = useRef(true);
  useLayoutEffect(() => {
    document.title = page.title === texts.appName ? texts.appName : `${page.title} · ${texts.appName}`;
    if (!first.current) {
      window.scrollTo(0, 0);
      if (!content.current?.contains(document.activeElement)) content.current?.focus({ preventScroll: true });
    }
    first.current = false;
  }, [page]);
}

const loaded = new Map<Page, ComponentType<PageProps>>();

function PageOf({ page, ...props }: PageProps & { page: Page }) {
  const [, setLoads] = useState(0);
  const [failed, setFailed] = useState(false);
  const Component = typeof page.page === "function" ? page.page : loaded.get(page);
  useEffect(() => {
    if (typeof page.page === "function" || loaded.has(page)) return;
    let gone = false;
    page.page.load().then(
      (module) => {
        loaded.set(page, module.default);
        if (!gone) setLoads((loads) => loads + 1);
      },
      () => {
        if (!gone) setFailed(true);
      },
    );
    return () => {
      gone = true;
    };
  }, [page]);
  if (Component) return <Component {...props} />;
  // Not tried again in place: browsers remember a module that could not be fetched for as long as the page lives.
  if (failed) return <Notice title={texts.shell.notLoaded} text={texts.shell.notLoadedHint} action={{ text: texts.failed.retry, onClick: () => location.reload() }} />;
  return <Notice title={texts.loading} busy />;
}

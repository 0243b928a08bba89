import type { ComponentType } from "preact";
import type { Role, Session, Task } from "../api";
import type { Outbox } from "../outbox";
import { texts } from "../texts";
import { DataIcon, LiveIcon, MapIcon, PlacesIcon, ReviewIcon, RoundsIcon, SearchIcon, ShareIcon, TasksIcon } from "../ui/icons";
import { Home, SwipeTask, Tasks } from "./TaskPages";

/** What every page gets. */
export interface PageProps {
  session: Session;
  /** As they were when the app opened; a page that shows where they stand asks again. */
  tasks: Task[];
  outbox: Outbox;
  /** Decoded values of the pattern's `:parts`. */
  params: Record<string, string>;
}

type PageComponent = ComponentType<PageProps>;

/** One page of the app. */
export interface Page {
  /** Such as `/tasks/:task`; see {@link matchPath}. */
  pattern: string;
  title: string;
  /** Roles below this neither see the page in the navigation nor open it. */
  least: Role;
  /**
   * The page itself. Swiping is in the small bundle that everybody loads; every other page is its default export's own module, loaded when it
   * is opened: `load: () => import("../search/SearchPage")`.
   */
  page: PageComponent | { load(): Promise<{ default: PageComponent }> };
  /** Present for pages in the navigation, in the order of the table; their patterns have no `:parts`. */
  icon?: ComponentType;
}

/** All pages, the first that matches wins. A page stands here once it exists. */
export const pages: readonly Page[] = [
  { pattern: "/", title: texts.appName, least: "viewer", page: Home },
  { pattern: "/tasks", title: texts.tasks.title, least: "viewer", page: Tasks, icon: TasksIcon },
  { pattern: "/new-task", title: texts.newTask.title, least: "owner", page: { load: () => import("../tasks/NewTaskPage") } },
  { pattern: "/rounds", title: texts.rounds.title, least: "reviewer", page: { load: () => import("../rounds/RoundsPage") }, icon: RoundsIcon },
  { pattern: "/rounds/:task", title: texts.rounds.title, least: "reviewer", page: { load: () => import("../rounds/RoundsPage") } },
  { pattern: "/tasks/:task", title: texts.tasks.one, least: "viewer", page: SwipeTask },
  { pattern: "/tasks/:task/grid", title: texts.grid.show, least: "labeler", page: { load: () => import("../grid/GridPage") } },
  { pattern: "/review", title: texts.review.title, least: "reviewer", page: { load: () => import("../review/ReviewPage") }, icon: ReviewIcon },
  { pattern: "/review/:task", title: texts.review.title, least: "reviewer", page: { load: () => import("../review/ReviewPage") } },
  { pattern: "/live", title: texts.live.title, least: "reviewer", page: { load: () => import("../live/LivePage") }, icon: LiveIcon },
  { pattern: "/live/:task", title: texts.live.title, least: "reviewer", page: { load: () => import("../live/LivePage") } },
  { pattern: "/search", title: texts.search.title, least: "reviewer", page: { load: () => import("../search/SearchPage") }, icon: SearchIcon },
  { pattern: "/map", title: texts.map.title, least: "reviewer", page: { load: () => import("../map/MapPage") }, icon: MapIcon },
  { pattern: "/places", title: texts.places.title, least: "reviewer", page: { load: () => import("../places/PlacesPage") }, icon: PlacesIcon },
  { pattern: "/places/:task", title: texts.places.title, least: "reviewer", page: { load: () => import("../places/PlacesPage") } },
  { pattern: "/data", title: texts.data.title, least: "reviewer", page: { load: () => import("../data/DataPage") }, icon: DataIcon },
  { pattern: "/share", title: texts.share.title, least: "owner", page: { load: () => import("../share/SharePage") }, icon: ShareIcon },
];

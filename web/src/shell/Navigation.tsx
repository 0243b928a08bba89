import type { Role } from "../api";
import { settings } from "../settings";
import { texts } from "../texts";
import { SchemeIcon } from "../ui/icons";
import { Link } from "../ui/Link";
import { matchPath } from "./match";
import { reaches } from "./roles";
import { type Page, pages } from "./routes";
import { changeScheme } from "./scheme";

/** The pages that this role may open: a bar at the bottom of a phone, at the side of a larger screen. */
export function Navigation({ role, current }: { role: Role; current: Page }) {
  const { scheme } = settings.value;
  return (
    <nav class="navigation" aria-label={texts.shell.navigation}>
      <ul>
        {pages.map(
          (page) =>
            page.icon &&
            reaches(role, page.least) && (
              <li key={page.pattern}>
                <Link class="navigation-item" href={page.pattern} {...(within(current, page) ? { "aria-current": "page" as const } : {})}>
                  <page.icon />
                  <span>{page.title}</span>
                </Link>
              </li>
            ),
        )}
      </ul>
      <button type="button" class="navigation-item" title={texts.shell.scheme} onClick={changeScheme}>
        <SchemeIcon />
        <span>
          <span class="sr-only">{`${texts.shell.scheme}: `}</span>
          {texts.shell.schemes[scheme]}
        </span>
      </button>
    </nav>
  );
}

/** `/tasks/:task` is a page of `/tasks`. */
function within(current: Page, page: Page): boolean {
  return current === page || matchPath(page.pattern, `/${current.pattern.split("/")[1]}`) !== null;
}

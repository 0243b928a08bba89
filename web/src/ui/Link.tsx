import type { AnchorHTMLAttributes } from "preact";
import { go } from "../shell/path";

/** A link to another page of the app. A click with a modifier key, or with another button, stays the browser's: it opens another tab. */
export function Link({ href, onClick, ...others }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  return (
    <a
      {...others}
      href={href}
      onClick={(event) => {
        onClick?.call(event.currentTarget, event);
        if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(href);
      }}
    />
  );
}

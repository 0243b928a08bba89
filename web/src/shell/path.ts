import { signal } from "@preact/signals";

/** Where the app is: the address's path, without query and fragment. */
export const path = signal(location.pathname);

window.addEventListener("popstate", () => {
  path.value = location.pathname;
});

/** Goes to another page of the app, as a click on a link would, without loading the app again. */
export function go(address: string): void {
  history.pushState(null, "", address);
  path.value = location.pathname;
}

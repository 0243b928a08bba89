import { render } from "preact";
import { App } from "./App";
import { followScheme } from "./shell/scheme";
import "./styles.css";

followScheme();
render(<App />, document.getElementById("app")!);

// Only where the page is secure (loopback or TLS with a known certificate); without it the page works, but does not start offline.
if (import.meta.env.PROD && "serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => undefined);

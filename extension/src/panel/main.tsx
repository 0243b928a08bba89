import { render } from "preact";
import { Panel } from "./Panel";
import "./panel.css";

render(<Panel />, document.getElementById("panel")!);

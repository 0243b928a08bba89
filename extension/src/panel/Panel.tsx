import { useEffect, useState } from "preact/hooks";
import type { Connection } from "../server";
import { texts } from "../texts";
import { Connect } from "./Connect";
import { Explore } from "./Explore";

const kept = "connection";

export function Panel() {
  const [state, setState] = useState<"loading" | { connection: Connection | null; refused: boolean }>("loading");
  useEffect(() => {
    void chrome.storage.local.get(kept).then((found) => setState({ connection: (found[kept] as Connection | undefined) ?? null, refused: false }));
  }, []);
  if (state === "loading") return null;
  const { connection } = state;

  const forget = (refused: boolean) => {
    void chrome.storage.local.remove(kept);
    setState({ connection: null, refused });
  };
  return (
    <>
      <header>
        <h1>{texts.title}</h1>
        {connection && (
          <span class="server" title={connection.server}>
            {connection.server.replace(/^https?:\/\//, "")}
          </span>
        )}
        {connection && (
          <button type="button" class="quiet" onClick={() => forget(false)}>
            {texts.connect.disconnect}
          </button>
        )}
        <a href="privacy.html" target="_blank" rel="noreferrer">
          {texts.connect.privacy}
        </a>
      </header>
      {connection ? (
        <Explore connection={connection} onRefused={() => forget(true)} />
      ) : (
        <Connect
          refused={state.refused}
          onConnected={(made) => {
            void chrome.storage.local.set({ [kept]: made });
            setState({ connection: made, refused: false });
          }}
        />
      )}
    </>
  );
}

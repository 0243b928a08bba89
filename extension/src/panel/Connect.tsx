import { useState } from "preact/hooks";
import { ApiError, type Connection, connect, OfflineError, readLink, usualServer } from "../server";
import { texts } from "../texts";

/** Once: which server, and the link that opens it. */
export function Connect({ refused, onConnected }: { refused: boolean; onConnected(connection: Connection): void }) {
  const [server, setServer] = useState(usualServer);
  const [link, setLink] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(refused ? texts.connect.refused : "");

  async function submit() {
    const read = readLink(link, server);
    if (!read) return setProblem(texts.connect.wrong);
    setBusy(true);
    try {
      onConnected(await connect(read.server, read.token));
    } catch (error) {
      setProblem(error instanceof ApiError ? `${error.message} ${error.nextStep}` : error instanceof OfflineError ? texts.dead(read.server) : texts.failed);
      setBusy(false);
    }
  }
  return (
    <main class="connect">
      <h2>{texts.connect.title}</h2>
      <p>{texts.connect.how}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <label>
          {texts.connect.link}
          <input
            type="text"
            autocomplete="off"
            spellcheck={false}
            required
            placeholder={`${usualServer}/#token=…`}
            value={link}
            onInput={(event) => {
              setLink(event.currentTarget.value);
              const read = readLink(event.currentTarget.value, server);
              if (read) setServer(read.server);
            }}
          />
        </label>
        <label>
          {texts.connect.server}
          <input type="url" required value={server} onInput={(event) => setServer(event.currentTarget.value)} />
        </label>
        <p class="problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="primary" disabled={busy}>
          {texts.connect.go}
        </button>
      </form>
    </main>
  );
}

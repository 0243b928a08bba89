interface Props {
  title: string;
  text?: string;
  /** Something is under way. */
  busy?: boolean;
  action?: { text: string; onClick(): void };
}

/** A page that says one thing. */
export function Notice({ title, text, busy = false, action }: Props) {
  return (
    <main class="notice" aria-busy={busy}>
      {busy && <div class="breathing" />}
      <h1>{title}</h1>
      {text && <p class="muted">{text}</p>}
      {action && (
        <button type="button" class="button primary" onClick={action.onClick}>
          {action.text}
        </button>
      )}
    </main>
  );
}

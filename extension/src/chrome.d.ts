/** The few parts of the browser's extension API that are used. */
declare namespace chrome {
  interface Event<T extends (...args: never[]) => void> {
    addListener(listener: T): void;
    removeListener(listener: T): void;
  }
  interface StorageArea {
    get(keys: string | string[] | null): Promise<Record<string, unknown>>;
    set(items: Record<string, unknown>): Promise<void>;
    remove(keys: string | string[]): Promise<void>;
  }
  namespace storage {
    const local: StorageArea;
    const session: StorageArea;
    const onChanged: Event<(changes: Record<string, { newValue?: unknown }>, area: string) => void>;
  }
  namespace tabs {
    interface Tab {
      id?: number;
      /** Only of hosts that the extension may see. */
      url?: string;
      active: boolean;
    }
    const onUpdated: Event<(tabId: number, change: { url?: string }, tab: Tab) => void>;
    const onActivated: Event<(info: { tabId: number }) => void>;
    const onRemoved: Event<(tabId: number) => void>;
    function query(query: { url?: string; active?: boolean }): Promise<Tab[]>;
  }
  namespace runtime {
    const onInstalled: Event<() => void>;
    const onStartup: Event<() => void>;
  }
  namespace sidePanel {
    function setPanelBehavior(behavior: { openPanelOnActionClick: boolean }): Promise<void>;
  }
}

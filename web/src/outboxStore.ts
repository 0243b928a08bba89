import { MemoryStore, type OutboxStore, type Unsent } from "./outbox";

const database = "curator";
const table = "outbox";

/** The device's own database; memory where the browser forbids one (some private windows). */
export async function openOutboxStore(): Promise<OutboxStore> {
  try {
    return new IndexedDbStore(await open());
  } catch {
    return new MemoryStore();
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(database, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(table, { keyPath: "order", autoIncrement: true }).createIndex("workspace", "workspace");
  };
  return result(request);
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The device's database refused."));
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("The device's database refused."));
  });
}

class IndexedDbStore implements OutboxStore {
  constructor(private readonly db: IDBDatabase) {}

  all(workspace: string): Promise<Unsent[]> {
    return result(this.db.transaction(table).objectStore(table).index("workspace").getAll(workspace) as IDBRequest<Unsent[]>);
  }

  async add(entry: Unsent): Promise<void> {
    const transaction = this.db.transaction(table, "readwrite", { durability: "strict" });
    transaction.objectStore(table).add(entry);
    // Said now rather than found out by the browser once the request has come back: a reload in between would abort it.
    transaction.commit();
    await completed(transaction);
  }

  async remove(orders: number[]): Promise<void> {
    const transaction = this.db.transaction(table, "readwrite");
    for (const order of orders) transaction.objectStore(table).delete(order);
    await completed(transaction);
  }
}

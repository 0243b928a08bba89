import { ApiError, OfflineError, type Role } from "../../web/src/api";

export { ApiError, OfflineError };

/** A Curator server, and the right to ask it. */
export interface Connection {
  /** Without a slash at its end. */
  server: string;
  bearer: string;
  role: Role;
}

export const usualServer = "http://127.0.0.1:5178";

/** The link that `curator serve` prints, or the address of a server and the token alone. Null when it is neither: plain http is for this machine only. */
export function readLink(text: string, server: string): { server: string; token: string } | null {
  const [before = "", token] = text.trim().includes("#token=") ? text.trim().split("#token=") : [server, text.trim()];
  const address = URL.canParse(before) ? new URL(before) : null;
  if (!address || !token || !/^[\w-]{16,100}$/.test(token)) return null;
  const here = ["127.0.0.1", "localhost"].includes(address.hostname);
  return address.protocol === "https:" || (address.protocol === "http:" && here) ? { server: address.origin, token } : null;
}

/** Exchanges a link's token for a key that ends with the link. The token itself is not kept. */
export async function connect(server: string, token: string): Promise<Connection> {
  const session = await ask<{ bearer: string; role: Role }>(server, null, "POST", "/api/session", { token });
  return { server, bearer: session.bearer, role: session.role };
}

export const call = <T>(connection: Connection, method: string, path: string, body?: unknown): Promise<T> => ask<T>(connection.server, connection.bearer, method, path, body);

/** A picture of the server as an address that an img element takes. */
export async function picture(connection: Connection, path: string): Promise<string> {
  const response = await send(connection.server, connection.bearer, "GET", path);
  return URL.createObjectURL(await response.blob());
}

async function ask<T>(server: string, bearer: string | null, method: string, path: string, body?: unknown): Promise<T> {
  return (await (await send(server, bearer, method, path, body)).json()) as T;
}

async function send(server: string, bearer: string | null, method: string, path: string, body?: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(server + path, {
      method,
      credentials: "omit",
      headers: { ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch {
    throw new OfflineError(server);
  }
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; nextStep?: string };
  throw new ApiError(response.status, problem.detail ?? response.statusText, problem.nextStep ?? "", null);
}

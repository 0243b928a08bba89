import { useEffect, useState } from "preact/hooks";
import { type Connection, picture } from "../server";

/** Addresses of pictures that were fetched: an img element cannot send a key along. */
const fetched = new Map<string, Promise<string>>();

export function fetchPicture(connection: Connection, path: string): Promise<string> {
  const key = connection.server + path;
  const known = fetched.get(key);
  if (known) return known;
  const address = picture(connection, path);
  fetched.set(key, address);
  address.catch(() => fetched.delete(key));
  return address;
}

export function Picture({ connection, path, alt }: { connection: Connection; path: string; alt: string }) {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    let shown = true;
    fetchPicture(connection, path).then(
      (found) => shown && setAddress(found),
      () => undefined, // a file that is gone: its tile stays grey
    );
    return () => {
      shown = false;
    };
  }, [connection, path]);
  return address ? <img src={address} alt={alt} draggable={false} /> : <span class="no-picture" role="img" aria-label={alt} />;
}

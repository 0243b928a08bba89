import { call, type Role } from "../api";

/** A link as its owner sees it; the token is nowhere but in the link itself. */
export interface Link {
  id: string;
  role: Role;
  task: string | null;
  createdAt: string;
  expiresAt: string;
  maxUses: number | null;
  uses: number;
  revoked: boolean;
}

export interface NewLink {
  role: Role;
  hours: number;
  task: string | null;
  maxUses: number | null;
}

export interface CreatedLink {
  link: Link;
  address: string;
  /** Black squares of side 1 as an SVG path, in a square of that side. */
  qrCode: { side: number; path: string };
}

export const links = {
  all: () => call<Link[]>("GET", "/api/links"),
  create: (link: NewLink) => call<CreatedLink>("POST", "/api/links", link),
  revoke: (id: string) => call<void>("DELETE", `/api/links/${encodeURIComponent(id)}`),
};

export type LinkState = "valid" | "usedUp" | "revoked" | "expired";

export function stateOf(link: Link, now: number): LinkState {
  if (link.revoked) return "revoked";
  if (Date.parse(link.expiresAt) <= now) return "expired";
  // Sessions that it opened go on.
  return link.maxUses !== null && link.uses >= link.maxUses ? "usedUp" : "valid";
}

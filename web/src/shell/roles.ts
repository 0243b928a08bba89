import type { Role } from "../api";

/** Least first; each may do all that those before it may. */
const roles: readonly Role[] = ["viewer", "labeler", "reviewer", "owner"];

export function reaches(role: Role, least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}

/** Who finds their way through several pages; all others have one thing to do and no navigation in its way. */
export const navigationFrom: Role = "reviewer";

import { expect, test } from "vitest";
import { type Link, stateOf } from "../src/share/links";
import { relative } from "../src/ui/time";

const now = Date.parse("2026-01-10T00:00:00Z");
const link: Link = { id: "1", role: "labeler", task: null, createdAt: "2026-01-01T00:00:00Z", expiresAt: "2026-01-11T00:00:00Z", maxUses: 2, uses: 1, revoked: false };

test("a link's state is what its holder would find", () => {
  expect(stateOf(link, now)).toBe("valid");
  expect(stateOf({ ...link, uses: 2 }, now)).toBe("usedUp");
  expect(stateOf({ ...link, uses: 2, revoked: true }, now)).toBe("revoked");
  expect(stateOf(link, Date.parse(link.expiresAt))).toBe("expired");
});

test("moments are said relative to now in the largest unit that fits", () => {
  expect(relative(now + 3 * 86_400_000, now)).toBe("in 3 days");
  expect(relative(now + 86_400_000, now)).toBe("tomorrow");
  expect(relative(now - 2 * 3_600_000, now)).toBe("2 hours ago");
  expect(relative(now - 5 * 60_000, now)).toBe("5 minutes ago");
  expect(relative(now - 5_000, now)).toBe("now");
});

import { describe, expect, it } from "vitest";
import { matchPath } from "../src/shell/match";
import { reaches } from "../src/shell/roles";

describe("a page's pattern", () => {
  it.each([
    ["/", "/", {}],
    ["/tasks", "/tasks/", {}],
    ["/tasks/:task", "/tasks/island", { task: "island" }],
    ["/tasks/:task/rounds/:round", "/tasks/a%2Fb%20c/rounds/3", { task: "a/b c", round: "3" }],
  ])("%s takes %s", (pattern, path, values) => expect(matchPath(pattern, path)).toEqual(values));

  it.each([
    ["/", "/tasks"],
    ["/tasks", "/"],
    ["/tasks/:task", "/tasks"],
    ["/tasks/:task", "/tasks/island/rounds"],
    ["/tasks/:task", "/task/island"],
    ["/tasks/:task", "/tasks/%E0%A4%A"],
  ])("%s leaves %s", (pattern, path) => expect(matchPath(pattern, path)).toBeNull());
});

describe("a role", () => {
  it("may do what those before it may", () => {
    expect(reaches("owner", "reviewer")).toBe(true);
    expect(reaches("reviewer", "reviewer")).toBe(true);
    expect(reaches("labeler", "reviewer")).toBe(false);
    expect(reaches("viewer", "viewer")).toBe(true);
  });
});

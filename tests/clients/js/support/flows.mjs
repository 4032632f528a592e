// How the tests are declared. tests/clients/results.py reads the names from the source, so that a
// test which did not run is missed: keep each name in the first line of its call.
import { strict, tabs } from "./site.mjs";

export { test } from "node:test";

/** Where the setting matters, a test for each value of it: "… [grace ${grace}]". */
export const graces = [
  [0, strict],
  [10, tabs],
];

// How the tests are declared. tests/clients/results.py reads the names from the source, so that a
// test which did not run is missed: keep each name a plain string in the first line of its call.
import test from "node:test";
import { strict, tabs } from "./site.mjs";

export { test };

/** One test for each setting of `refresh_reuse_grace`: run(backend, grace in seconds). */
export function testWithBothGraces(name, run) {
  test(`${name} [grace 0]`, () => run(strict, 0));
  test(`${name} [grace 10]`, () => run(tabs, 10));
}

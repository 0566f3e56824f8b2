/**
 * Marks a check that keeps tenants or roles apart, and gives what it is given. `id` is a literal of its own for each.
 *
 * `npm run mutate:guards` finds the calls in the syntax tree, takes each away in a copy of the code, and wants a test to fail:
 * a condition is then always true, and anything else is what stands last, `without`.
 */
export function guard(id: string, holds: boolean): boolean;
export function guard<T>(id: string, held: T, without: T): T;
export function guard<T>(_id: string, held: T): T {
  return held;
}

/**
 * Marks a check that keeps tenants or roles apart, and gives what it is given. `id` is a literal of its own for each.
 *
 * `npm run mutate:guards` finds the calls in the syntax tree, takes each away in a copy of the code, and wants a test to fail: in
 * place of the call stands `without` then, or `true` where there is none.
 */
export function guard<T>(_id: string, held: T, _without?: T): T {
  return held;
}

import { guard } from "@forerun/runtime/guard";
import pg from "pg";
import type { Query, Statement } from "./database.ts";

/** Under which role and for which tenant a transaction runs. */
export type Scope = { role: string; tenant: string | undefined; timeoutMs: number | undefined };

/** What of a pg client is used here. */
export type Session = Pick<pg.ClientBase, "query">;

/**
 * Runs `fn` in a transaction. The opening travels with fn's first statement and is checked before the commit: should it fail,
 * Postgres refuses every later statement of the transaction by itself. After an error the transaction is still open: the owner
 * of the session rolls it back.
 */
export async function transact<T>(
  session: Session,
  scope: Scope,
  fn: (query: Query) => Promise<T>,
): Promise<T> {
  const opened = session.query(opening(scope));
  opened.catch(() => undefined);
  let open = true;
  const query: Query = (statement, values) => {
    if (!open) throw new Error(`statement ${statement.name} came after the end of its transaction`);
    return rowsOf(session, statement, values);
  };
  try {
    const result = await fn(query);
    await opened;
    open = false;
    await commit(session);
    return result;
  } catch (error) {
    // When the opening failed, the statement's own error ("transaction is aborted") hides the cause.
    await opened;
    throw error;
  } finally {
    open = false;
  }
}

/** One statement in a transaction of its own; opening, statement and commit travel together. */
export async function transactOne<R>(
  session: Session,
  scope: Scope,
  statement: Statement,
  values?: readonly unknown[],
): Promise<R[]> {
  const opened = session.query(opening(scope));
  const rows = rowsOf<R>(session, statement, values);
  // Postgres turns the commit of a failed transaction into a rollback.
  const committed = session.query("commit");
  const outcomes = await Promise.allSettled([opened, rows, committed]);
  // The first failure is the cause of those behind it.
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
  return rows;
}

function opening({ role, tenant, timeoutMs }: Scope): string {
  let text = guard("db.role", `begin; set local role ${pg.escapeIdentifier(role)}`, "begin");
  if (tenant !== undefined)
    text += guard("db.tenant", `; select set_config('app.tenant', ${pg.escapeLiteral(tenant)}, true)`, "");
  if (timeoutMs !== undefined)
    text += `; set local statement_timeout = ${Math.max(1, Math.trunc(timeoutMs))}`;
  return text;
}

async function rowsOf<R>(session: Session, statement: Statement, values?: readonly unknown[]): Promise<R[]> {
  const { rows } = await session.query({
    name: statement.name,
    text: statement.text,
    values: values ? [...values] : [],
  });
  return rows;
}

async function commit(session: Session): Promise<void> {
  const { command } = await session.query("commit");
  if (command === "ROLLBACK")
    throw new Error("a failed statement's error was swallowed inside a transaction");
}

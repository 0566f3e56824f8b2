/**
 * What a policy of row-level security shows and lets be written: rows of the tenant that the transaction runs for. Without one, or
 * with an empty one, there are none. Part of migrations, so that it never changes. A sub-select, to be worked out once a statement.
 */
export const TENANT_ROWS = "(tenant_id = (select nullif(current_setting('app.tenant', true), '')))";

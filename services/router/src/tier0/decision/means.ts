import type { Prior } from "./draft.ts";
import type { ArgumentValidator } from "./validator.ts";

/** What every decision is made with. */
export type Means = Readonly<{ prior: Prior; validator: ArgumentValidator }>;

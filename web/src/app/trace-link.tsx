import { traceLink } from "@forerun/timeline/trace-link";
import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** Where traces are shown, with `{trace_id}` in it; undefined where nothing shows them. */
export const TraceUrl = createContext<string | undefined>(undefined);

/** Leads to everything that the services did for a turn. */
export function TraceLink({ traceId }: { traceId: string }) {
  const href = traceLink(useContext(TraceUrl), traceId);
  if (!href) return null;
  return (
    <a class="trace-link" href={href} target="_blank" rel="noreferrer">
      Trace of this turn
    </a>
  );
}

import { Code, ConnectError } from "@connectrpc/connect";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@forerun/contracts/grpc/health/v1/health_pb";
import { type Binding, bind } from "./binding.ts";
import { drainSignalOf } from "./call-context.ts";

/** grpc.health.v1 of a process: all its services together under "", each under its name. */
export class HealthService {
  readonly #statuses: Map<string, Status>;
  readonly #watchers = new Set<() => void>();

  constructor(services: readonly string[]) {
    this.#statuses = new Map(["", ...services].map((service) => [service, Status.SERVING]));
  }

  /** Marks every service as one to avoid; watchers learn it at once. */
  stopServing(): void {
    for (const service of this.#statuses.keys()) this.#statuses.set(service, Status.NOT_SERVING);
    for (const wake of this.#watchers) wake();
  }

  get binding(): Binding {
    return bind(Health, {
      check: ({ service }) => {
        const status = this.#statuses.get(service);
        if (status === undefined) throw new ConnectError("unknown service", Code.NotFound);
        return { status };
      },
      list: () => ({
        statuses: Object.fromEntries([...this.#statuses].map(([service, status]) => [service, { status }])),
      }),
      watch: ({ service }, ctx) => this.#watch(service, [ctx.signal, drainSignalOf(ctx)]),
    });
  }

  /** The status now and whenever it changes, until the client leaves or the server drains. */
  async *#watch(
    service: string,
    ends: readonly (AbortSignal | undefined)[],
  ): AsyncGenerator<{ status: Status }> {
    let sent: Status | undefined;
    let wake = () => {};
    const notify = () => wake();
    this.#watchers.add(notify);
    for (const end of ends) end?.addEventListener("abort", notify);
    try {
      for (;;) {
        const changed = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const status = this.#statuses.get(service) ?? Status.SERVICE_UNKNOWN;
        if (status !== sent) yield { status };
        sent = status;
        if (ends.some((end) => end?.aborted)) return;
        await changed;
      }
    } finally {
      this.#watchers.delete(notify);
      for (const end of ends) end?.removeEventListener("abort", notify);
    }
  }
}

import { type ChannelOptions, connectivityState, experimental } from "@grpc/grpc-js";
import { watchHealth } from "./health-watch.ts";

/** Name of the policy in a service config. */
export const HEALTH_AWARE_ROUND_ROBIN = "forerun_health_aware_round_robin";

/** Teaches grpc-js the policy; doing so again changes nothing. */
export function registerHealthAwareBalancer(): void {
  experimental.registerLoadBalancerType(HEALTH_AWARE_ROUND_ROBIN, HealthAwareBalancer, HealthAwareConfig);
}

class HealthAwareConfig implements experimental.TypedLoadBalancingConfig {
  static createFromJson(): HealthAwareConfig {
    return new HealthAwareConfig();
  }

  getLoadBalancerName(): string {
    return HEALTH_AWARE_ROUND_ROBIN;
  }

  toJsonObject(): object {
    return { [HEALTH_AWARE_ROUND_ROBIN]: {} };
  }
}

/**
 * Round robin over the replicas that say they serve. Each connection keeps a grpc.health.v1 watch: a replica that is about to
 * stop gets no new calls, while those it has go on. Wraps connections as grpc-js's outlier detection does.
 */
class HealthAwareBalancer implements experimental.LoadBalancer {
  readonly #roundRobin: experimental.ChildLoadBalancerHandler;

  constructor(helper: experimental.ChannelControlHelper) {
    const overrides: Partial<experimental.ChannelControlHelper> = {
      createSubchannel: (address, options) =>
        new WatchedSubchannel(helper.createSubchannel(address, options)),
      updateState: (state, picker, error) => helper.updateState(state, new UnwrappingPicker(picker), error),
    };
    this.#roundRobin = new experimental.ChildLoadBalancerHandler(
      experimental.createChildChannelControlHelper(helper, overrides),
    );
  }

  updateAddressList(
    endpoints: experimental.StatusOr<experimental.Endpoint[]>,
    _config: experimental.TypedLoadBalancingConfig,
    options: ChannelOptions,
    note: string,
  ): boolean {
    const config = experimental.parseLoadBalancingConfig({ round_robin: {} });
    return this.#roundRobin.updateAddressList(endpoints, config, options, note);
  }

  exitIdle(): void {
    this.#roundRobin.exitIdle();
  }

  resetBackoff(): void {
    this.#roundRobin.resetBackoff();
  }

  destroy(): void {
    this.#roundRobin.destroy();
  }

  getTypeName(): string {
    return HEALTH_AWARE_ROUND_ROBIN;
  }
}

/** A connection that counts as unhealthy while its replica says NOT_SERVING. */
class WatchedSubchannel extends experimental.BaseSubchannelWrapper {
  #stopWatching: (() => void) | undefined;
  readonly #follow = (_: unknown, __: unknown, state: connectivityState) => this.#watch(state);

  constructor(child: experimental.SubchannelInterface) {
    super(child);
    child.addConnectivityStateListener(this.#follow);
    this.#watch(child.getConnectivityState());
  }

  get wrapped(): experimental.SubchannelInterface {
    return this.child;
  }

  protected override destroy(): void {
    this.child.removeConnectivityStateListener(this.#follow);
    this.#stopWatching?.();
    super.destroy();
  }

  /** A new connection may be to a new process: what the old one said is forgotten. */
  #watch(state: connectivityState): void {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    this.setHealthy(true);
    if (state !== connectivityState.READY) return;
    this.#stopWatching = watchHealth(this.child.getChannel(), (serving) => this.setHealthy(serving));
  }
}

/** Gives the channel its own connection back; policies see each their own wrapper only. */
class UnwrappingPicker implements experimental.Picker {
  readonly #picker: experimental.Picker;

  constructor(picker: experimental.Picker) {
    this.#picker = picker;
  }

  pick(args: experimental.PickArgs): experimental.PickResult {
    const result = this.#picker.pick(args);
    return result.subchannel instanceof WatchedSubchannel
      ? ({ ...result, subchannel: result.subchannel.wrapped } as experimental.PickResult)
      : result;
  }
}

import { DisposalStack } from "@forerun/runtime/disposal";
import { meshFault } from "../mesh/mesh-fault.ts";
import { openStage, type Stage, type StageOptions } from "../mesh/stage.ts";
import { gatewayClient } from "./gateway-client.ts";
import { openStand, type Stand } from "./stand.ts";

/** One of two gateways ends at once, without a word, and is started anew on its port; the mesh behind them is well. */
export const gatewayKill = meshFault(
  {
    title: "kill -9 one of two gateways before a mesh",
    mayFail: false,
    async strike(stage) {
      const { stand } = stage as GatewayStage;
      stand.gateways[0]?.process.kill("SIGKILL");
      await stand.restart(0);
    },
  },
  openGatewayStage,
);

type GatewayStage = Stage & { stand: Stand };

/** The mesh's own stage, whose clients know the gateways alone. */
async function openGatewayStage(options: StageOptions): Promise<GatewayStage> {
  const stack = new DisposalStack();
  try {
    const stage = stack.use(await openStage(options));
    const chats = stage.mesh.processes.filter(({ service }) => service === "chat");
    const stand = stack.use(
      await openStand({
        replicas: 2,
        upstream: {
          http: chats.flatMap(({ http }) => (http ? [new URL(http).host] : [])),
          grpc: chats.map(({ grpc }) => grpc),
        },
        limits: { rate: { default: { requests: 100_000, window: "second" } } },
      }),
    );
    const token = stand.issuer.token("acme");
    return {
      ...stage,
      stand,
      chats: () => stand.gateways.map(({ url }) => gatewayClient(url, token)),
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (fault) {
    await stack[Symbol.asyncDispose]();
    throw fault;
  }
}

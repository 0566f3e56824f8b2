import type { DescService } from "@bufbuild/protobuf";
import type { CallOptions, Client, HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { type Binding, bind } from "@forerun/rpc/binding";
import { within } from "@forerun/rpc/call-context";

type Forwarded = (request: unknown, options: CallOptions) => unknown;

/**
 * Serves another service at chat's edge by handing each call on, for the same caller: the command line and the web client
 * need one address only. Unary and server-streaming methods; the other service checks, limits and decides.
 */
export function forward<Desc extends DescService>(service: Desc, client: Client<Desc>): Binding {
  const methods = client as Record<string, Forwarded>;
  const handlers = service.methods.map(({ localName }) => {
    const call = methods[localName];
    if (!call) throw new Error(`the client of ${service.typeName} lacks ${localName}`);
    return [localName, (request: unknown, ctx: HandlerContext) => call(request, within(ctx))];
  });
  return bind(service, Object.fromEntries(handlers) as Partial<ServiceImpl<Desc>>);
}

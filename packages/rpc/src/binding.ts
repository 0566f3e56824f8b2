import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";

/** Handlers of one service, erased to what a binding needs; made by `bind`, which checks them against the service. */
export type Binding = Readonly<{
  service: DescService;
  implementation: Partial<ServiceImpl<DescService>>;
}>;

/** Ties handlers to their service. Methods left out answer UNIMPLEMENTED. */
export function bind<Desc extends DescService>(
  service: Desc,
  implementation: Partial<ServiceImpl<Desc>>,
): Binding {
  return { service, implementation: implementation as Partial<ServiceImpl<DescService>> };
}

/** A composed service: what it serves and how it ends. `drain` finishes or hands over running work before disposal. */
export type App = Readonly<{ bindings: readonly Binding[]; drain?(): Promise<void> }> & AsyncDisposable;

/** A method's handler, whatever its kind; `bind` has checked its types. */
export type Handler = (input: unknown, context: HandlerContext) => unknown;

/** The handler of one method, or one that answers UNIMPLEMENTED. */
export function handlerOf({ service, implementation }: Binding, method: DescMethod): Handler {
  const handler = (implementation as Record<string, Handler | undefined>)[method.localName];
  if (handler) return handler.bind(implementation);
  return () => {
    throw new ConnectError(`${service.typeName}.${method.name} is not implemented`, Code.Unimplemented);
  };
}

import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@forerun/contracts/google/rpc/error_details_pb";
import { connectErrorOf } from "@forerun/rpc/error-details";
import { ForerunError } from "@forerun/runtime/forerun-error";

/** What a client makes of an answer that no Connect server gave: a page, or a bare 404 or 400. */
const MISREAD: readonly Code[] = [Code.Unimplemented, Code.Internal, Code.Unknown];

/** Says FR-E1802 where another program answers at the address: Forerun's own errors all carry their code. */
export function namingStrangers(url: string): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      if (!(error instanceof ConnectError) || !MISREAD.includes(error.code)) throw error;
      if (error.findDetails(ErrorInfoSchema).length > 0) throw error;
      throw connectErrorOf(stranger(url));
    }
  };
}

function stranger(url: string): ForerunError {
  return new ForerunError(
    "FR-E1802",
    "unavailable",
    `what answers at ${url} is not Forerun`,
    "set FORERUN_URL to where Forerun runs; its first lines name the address",
  );
}

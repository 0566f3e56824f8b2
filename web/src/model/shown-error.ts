import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@forerun/contracts/google/rpc/error_details_pb";

/** An error as people see it: what happened, what to do, and the code to look up. */
export type ShownError = {
  message: string;
  fix: string;
  code: string;
  /** Whether a token, or another one, is what the server wants. */
  wantsToken?: boolean;
};

export function shownError(thrown: unknown): ShownError {
  const error = ConnectError.from(thrown);
  const info = error.findDetails(ErrorInfoSchema)[0];
  if (info) return { message: error.rawMessage, fix: info.metadata.fix ?? "", code: info.reason };
  if (error.code === Code.Unauthenticated) {
    return { message: "This server asks who you are.", fix: "Enter a token.", code: "", wantsToken: true };
  }
  return {
    message: "The server cannot be reached.",
    fix: "Your message is kept. Check that Forerun is running, then try again.",
    code: "",
  };
}

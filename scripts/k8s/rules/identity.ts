import { gatewayValues } from "../gateway-files.ts";
import { containersOf, nameOf, serversOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";
import { serviceIn } from "./environment.ts";

/** Gateway and chat both verify tokens: whatever one takes the other takes, and nobody is let in unasked. */
export const identity: Rule = {
  id: "identity",
  breaches(objects) {
    const servers = serversOf(objects);
    const chats = servers.filter((one) => serviceIn(containersOf(one)[0]?.image ?? "") === "chat");
    if (chats.length === 0) return ["there is no chat"];
    const behindGateway = servers.some(({ metadata }) => metadata.name === "gateway");
    const { issuer, audience } = gatewayValues().auth;
    return chats.flatMap((chat) => {
      const env = new Map(containersOf(chat)[0]?.env?.map(({ name, value }) => [name, value]));
      const same = issuer === env.get("JWT_ISSUER") && audience === env.get("JWT_AUDIENCE");
      return [
        ...(env.get("AUTH") === "jwt" ? [] : [`${nameOf(chat)} asks nobody who they are`]),
        ...(same || !behindGateway
          ? []
          : [`${nameOf(chat)} and the gateway take tokens of different issuers or audiences`]),
      ];
    });
  },
};

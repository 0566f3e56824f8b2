import { parse } from "yaml";
import { containersOf, type Manifest, nameOf, ofKind, serversOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";
import { serviceIn } from "./environment.ts";

type ConfigMap = Manifest & { data?: Record<string, string> };
type Provider = { issuer: string; audiences: string[] };

/** Gateway and chat both verify tokens: whatever one takes the other takes, and nobody is let in unasked. */
export const identity: Rule = {
  id: "identity",
  breaches(objects) {
    const chats = serversOf(objects).filter((one) => serviceIn(containersOf(one)[0]?.image ?? "") === "chat");
    const gateways = ofKind<ConfigMap>(objects, "ConfigMap").flatMap(({ data }) =>
      providersIn(data?.["envoy.yaml"]),
    );
    if (chats.length === 0) return ["there is no chat"];
    return chats.flatMap((chat) => {
      const env = new Map(containersOf(chat)[0]?.env?.map(({ name, value }) => [name, value]));
      const other = gateways.some(
        ({ issuer, audiences }) =>
          issuer !== env.get("JWT_ISSUER") || audiences.join() !== env.get("JWT_AUDIENCE"),
      );
      return [
        ...(env.get("AUTH") === "jwt" ? [] : [`${nameOf(chat)} asks nobody who they are`]),
        ...(other ? [`${nameOf(chat)} and the gateway take tokens of different issuers or audiences`] : []),
      ];
    });
  },
};

function providersIn(text: string | undefined): Provider[] {
  if (text === undefined) return [];
  const found: Provider[] = [];
  JSON.stringify(parse(text), (key: string, value: unknown) => {
    if (key === "providers") found.push(...Object.values(value as Record<string, Provider>));
    return value;
  });
  return found;
}

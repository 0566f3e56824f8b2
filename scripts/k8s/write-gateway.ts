/** `npm run k8s:gateway`: writes what the gateway's component is made of. */
import { writeGatewayFiles } from "./gateway-files.ts";

writeGatewayFiles();

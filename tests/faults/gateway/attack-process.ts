/** `node --import tsx attack-process.ts NAME PORT TOKEN WITHIN_MS`: one attack, whose outcome is the one line that it prints. */
import { carryOut } from "./assault.ts";
import { floods } from "./floods.ts";

const [name, port, token = "", withinMs] = process.argv.slice(2);
const assault = floods(token).find((one) => one.name === name);
if (!assault) throw new Error(`there is no attack ${name}`);
process.stdout.write(JSON.stringify(await carryOut(assault, Number(port), Number(withinMs))));
// What is still connected ends with the process.
process.exit(0);

import { parentPort } from "node:worker_threads";
import { createRestrictedMath } from "./restricted-math.ts";

/** Entry of the worker thread: one expression in, one evaluation out. */
const evaluate = createRestrictedMath();
parentPort?.on("message", (expression: string) => parentPort?.postMessage(evaluate(expression)));
parentPort?.postMessage("ready");

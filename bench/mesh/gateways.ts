import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "@forerun/components/free-port";
import { leaveNoChild } from "@forerun/components/leave-no-child";

/** A server with OpenAI's API in front of the model. `headers`: what it must be told with every request. */
export type Gateway = { url: string; pids: readonly number[]; headers: Record<string, string> };

/** A gateway of others, and how to have it: none of them is a dependency. */
export type Peer = {
  name: string;
  install: string;
  /** Starts it in front of a model; undefined where it is not installed. */
  start(modelUrl: string, folder: string): Promise<(Gateway & AsyncDisposable) | undefined>;
};

const READY_WITHIN_MS = 90_000;

export const PEERS: readonly Peer[] = [
  {
    name: "LiteLLM",
    install: "pip install 'litellm[proxy]', on PATH or named by LITELLM",
    async start(modelUrl, folder) {
      const litellm = process.env.LITELLM ?? onPath("litellm");
      if (!litellm) return undefined;
      const config = join(folder, "litellm.yaml");
      await writeFile(config, JSON.stringify(litellmConfig(modelUrl)));
      const port = await freePort();
      const args = ["--config", config, "--host", "127.0.0.1", "--port", String(port), "--num_workers", "1"];
      return serve(litellm, args, port, "/health/liveliness", {});
    },
  },
  {
    name: "Portkey",
    // With a later @hono/node-server, 1.15.2 answers every request with 500.
    install:
      "@portkey-ai/gateway on @hono/node-server 1.13.7; PORTKEY_GATEWAY names its build/start-server.js",
    async start(modelUrl) {
      const script = process.env.PORTKEY_GATEWAY;
      if (!script || !existsSync(script)) return undefined;
      const port = await freePort();
      const headers = { "x-portkey-provider": "openai", "x-portkey-custom-host": modelUrl };
      return serve(process.execPath, [script, `--port=${port}`, "--headless"], port, "/", headers);
    },
  },
];

function litellmConfig(modelUrl: string): object {
  const upstream = { model: "openai/scripted", api_base: modelUrl, api_key: "none" };
  return {
    model_list: [{ model_name: "scripted", litellm_params: upstream }],
    // As all here, it asks nobody on this machine who they are; a check of keys would count against it alone.
    general_settings: { dangerously_permit_weak_or_unset_master_key: true },
  };
}

function onPath(command: string): string | undefined {
  const paths = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, command));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Resolves once the gateway answers at `probe`. */
async function serve(
  command: string,
  args: readonly string[],
  port: number,
  probe: string,
  headers: Record<string, string>,
): Promise<Gateway & AsyncDisposable> {
  const child = spawn(command, args, { stdio: "ignore", detached: true });
  leaveNoChild(child, "SIGKILL");
  const gone = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await gone;
  };
  const origin = `http://127.0.0.1:${port}`;
  const until = performance.now() + READY_WITHIN_MS;
  while (!(await answers(`${origin}${probe}`))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || performance.now() > until) {
      if (!ended) await stop();
      throw new Error(`${command} did not serve`);
    }
    await wait(100);
  }
  return { url: `${origin}/v1`, pids: [child.pid ?? 0], headers, [Symbol.asyncDispose]: stop };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

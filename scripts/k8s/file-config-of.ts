import { FILE_CONFIG } from "@forerun/runtime/file-config";
import { parse } from "yaml";
import { type ConfigMap, type Manifest, ofKind, type Workload } from "./manifest.ts";

const FILE = "forerun.yaml";
const CONFIG = "forerun-config";

/** The text of forerun.yaml as a workload has it. */
function textOf({ spec }: Workload, objects: readonly Manifest[]): string | undefined {
  const named = new Set(spec.template.spec.volumes?.map(({ configMap }) => configMap?.name));
  return ofKind<ConfigMap>(objects, "ConfigMap").find(
    ({ metadata, data }) =>
      metadata.name.startsWith(CONFIG) && named.has(metadata.name) && data?.[FILE] !== undefined,
  )?.data?.[FILE];
}

/** What a service makes of its forerun.yaml, and the variables that the file refers to as `env:NAME`. */
export function fileConfigOf(workload: Workload, objects: readonly Manifest[]) {
  const text = textOf(workload, objects) ?? "{}";
  const parsed = FILE_CONFIG.safeParse(parse(text));
  const named = [...text.matchAll(/\benv:([A-Z][A-Z0-9_]*)/g)].map(([, name]) => name ?? "");
  return { parsed, named: new Set(named) };
}

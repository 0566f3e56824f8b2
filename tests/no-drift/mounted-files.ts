import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ConfigMap, type Manifest, ofKind, type Workload } from "../../scripts/k8s/manifest.ts";

/** ConfigMaps that no manifest holds: whoever deploys makes them. */
export type OwnConfig = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Lays a workload's mounts below `folder`, each at its path, and gives what a path in a container is here. */
export async function layMounts(
  workload: Workload,
  objects: readonly Manifest[],
  own: OwnConfig,
  folder: string,
): Promise<(path: string) => string> {
  const { containers, volumes = [] } = workload.spec.template.spec;
  const maps = ofKind<ConfigMap>(objects, "ConfigMap");
  const paths: string[] = [];
  for (const { name, mountPath, subPath } of (containers[0]?.volumeMounts ?? []) as Mount[]) {
    const wanted = volumes.find((volume) => volume.name === name)?.configMap;
    paths.push(mountPath);
    if (!wanted) continue;
    const data = own[wanted.name] ?? maps.find(({ metadata }) => metadata.name === wanted.name)?.data;
    if (!data && !wanted.optional)
      throw new Error(`${workload.metadata.name} mounts ${wanted.name}, which nothing makes`);
    for (const [file, text] of Object.entries(data ?? {})) {
      const path = join(folder, mountPath, subPath ? "" : file);
      await mkdir(dirname(path), { recursive: true });
      if (!subPath || subPath === file) await writeFile(path, text);
    }
  }
  const isMounted = (path: string) => paths.some((mount) => path === mount || path.startsWith(`${mount}/`));
  return (path) => (isMounted(path) ? join(folder, path) : path);
}

type Mount = { name: string; mountPath: string; subPath?: string };

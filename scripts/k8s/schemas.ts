import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installLine } from "@forerun/components/binaries";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";
import type { Manifest } from "./manifest.ts";
import { strictly } from "./strictly.ts";

const DEFAULT_FOLDER = fileURLToPath(new URL("../../.cache/bin", import.meta.url));

/** Says what is wrong with an object by the schema of its kind; a field that the schema does not know is wrong. */
export type Validator = (object: Manifest) => string[];

/** Schemas of Kubernetes and of KEDA, as scripts/components.sh lays them down. Throws with its line where they are missing. */
export function openSchemas(env: NodeJS.ProcessEnv = process.env): Validator {
  const folder = join(env.FORERUN_BIN ?? DEFAULT_FOLDER, ".kubernetes-schemas");
  if (!existsSync(folder)) throw new Error(`no schemas of Kubernetes: run "${installLine("kustomize")}"`);
  // The formats of Kubernetes (int32, quantity) are its own and say nothing about a value's shape here.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true, logger: false });
  ajv.addSchema(readJson(join(folder, "kubernetes/_definitions.json")));
  const custom = customSchemas(join(folder, "keda"));
  const known = new Map<string, ValidateFunction>();
  return (object) => {
    const type = `${object.kind.toLowerCase()}-${object.apiVersion.replace(/\.[^/]*/, "").replace("/", "-")}`;
    let validate = known.get(type);
    if (!validate) {
      const schema = custom.get(`${object.apiVersion}/${object.kind}`) ?? builtIn(folder, type);
      if (!schema) return [`no schema for ${object.apiVersion} ${object.kind}`];
      validate = ajv.compile(schema);
      known.set(type, validate);
    }
    if (validate(object)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      const unknown = (params as { additionalProperty?: string }).additionalProperty;
      return `${instancePath || "/"} ${message}${unknown === undefined ? "" : `: ${unknown}`}`;
    });
  };
}

function readJson(path: string): object {
  return JSON.parse(readFileSync(path, "utf8")) as object;
}

function builtIn(folder: string, type: string): object | undefined {
  const path = join(folder, "kubernetes", `${type}.json`);
  return existsSync(path) ? readJson(path) : undefined;
}

type Definition = {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: object } }[];
  };
};

/** Schemas in definitions of custom resources, by `group/version/Kind`. */
function customSchemas(folder: string): Map<string, object> {
  const schemas = new Map<string, object>();
  for (const file of readdirSync(folder)) {
    const { spec } = parse(readFileSync(join(folder, file), "utf8")) as Definition;
    for (const { name, schema } of spec.versions)
      schemas.set(`${spec.group}/${name}/${spec.names.kind}`, strictly(schema.openAPIV3Schema));
  }
  return schemas;
}

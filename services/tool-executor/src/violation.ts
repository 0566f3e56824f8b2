import { nearest } from "@forerun/runtime/nearest";
import type { ErrorObject } from "ajv/dist/2020.js";

/** Says in words a model can act on what broke a schema's rule, with the path of the value. */
export function describeViolation(error: ErrorObject): string {
  const path = error.instancePath.slice(1).replaceAll("/", ".").replaceAll("~1", "/").replaceAll("~0", "~");
  const place = path ? `"${path}" ` : "";
  switch (error.keyword) {
    case "required":
      return `"${path ? `${path}.` : ""}${error.params.missingProperty}" is missing`;
    case "additionalProperties":
    case "unevaluatedProperties":
      return `${place}${unknownProperty(error)}`;
    case "enum":
      return `${place}must be one of ${JSON.stringify(error.params.allowedValues)}`;
    case "const":
      return `${place}must be ${JSON.stringify(error.params.allowedValue)}`;
    default:
      return `${place}${error.message ?? "does not fit the schema"}`;
  }
}

/** Whether an error lies in one of the schemas that an anyOf or oneOf offers. */
export function isBranch(error: ErrorObject, choice: ErrorObject): boolean {
  return error !== choice && error.schemaPath.startsWith(`${choice.schemaPath}/`);
}

/** Says what each schema of an anyOf or oneOf would still need. */
export function describeChoice(choice: ErrorObject, branches: readonly ErrorObject[]): string {
  const byBranch = new Map<string, string[]>();
  for (const error of branches) {
    const branch = error.schemaPath.slice(choice.schemaPath.length + 1).split("/")[0] ?? "";
    byBranch.set(branch, [...(byBranch.get(branch) ?? []), describeViolation(error)]);
  }
  if (byBranch.size === 0) return describeViolation(choice);
  return `either ${[...byBranch.values()].map((problems) => problems.join(" and ")).join(", or ")}`;
}

function unknownProperty(error: ErrorObject): string {
  const name: string = error.params.additionalProperty ?? error.params.unevaluatedProperty;
  const properties: unknown = error.parentSchema?.properties;
  const known = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  const meant = nearest(name, known);
  return `"${name.slice(0, 64)}" is not known${meant ? `; did you mean "${meant}"?` : ""}`;
}

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

function unknownProperty(error: ErrorObject): string {
  const name: string = error.params.additionalProperty ?? error.params.unevaluatedProperty;
  const properties: unknown = error.parentSchema?.properties;
  const known = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  const meant = nearest(name, known);
  return `"${name.slice(0, 64)}" is not known${meant ? `; did you mean "${meant}"?` : ""}`;
}

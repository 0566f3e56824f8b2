import { containersOf, nameOf, workloadsOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";

/** `name:tag`, the tag no moving one, or `name@sha256:…`. */
const PINNED = /(@sha256:[0-9a-f]{64}|:(?!latest$|stable$|main$|master$)[\w.-]*\d[\w.-]*)$/;

export const images: Rule = {
  id: "images",
  breaches: (objects) =>
    workloadsOf(objects).flatMap((workload) =>
      containersOf(workload)
        .filter(({ image }) => !PINNED.test(image))
        .map(({ image }) => `${nameOf(workload)}: ${image} may be another image tomorrow`),
    ),
};

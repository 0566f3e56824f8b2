/** What ties a text to one machine or one network; written so that these lines do not find themselves. */
const FOREIGN: readonly { what: string; pattern: RegExp }[] = [
  { what: "a path of one machine", pattern: /(?<![\w.])\/(work|root|Users|home)\/[\w.-]+/ },
  { what: "a temporary folder of one machine", pattern: /(?<![\w.$}])\/tmp\/(?!forerun)[\w.-]+/ },
  { what: "a package registry", pattern: /https?:\/\/[\w.-]*(registry|artifactory|nexus)[\w.-]*\//i },
  { what: "work left over", pattern: /\b(TO[D]O|FIX[M]E|XX[X])\b/ },
];

/** Lines of the repository that speak of something else than the product. */
export function foreignWordFaults(files: ReadonlyMap<string, string>): string[] {
  if (files.size === 0) return ["no file of the repository was seen"];
  return [...files].flatMap(([path, text]) =>
    text
      .split("\n")
      .flatMap((line, index) =>
        FOREIGN.filter(({ pattern }) => pattern.test(line)).map(
          ({ what }) => `${path}:${index + 1} names ${what}`,
        ),
      ),
  );
}

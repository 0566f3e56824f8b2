// Who may import whom. Each rule is planted and caught in tests/planted-breaches.test.ts.

const TESTS = "(\\.(test|fixture)\\.tsx?$|/fixtures(/|\\.ts$)|^tests/|^bench/|^evals/)";
const SERVICE_BORDERS =
  "^services/[^/]+/src/((main|app|config|service|clients)\\.ts$|rpc/|http/|[^/]+/http/|.*-wire\\.ts$)";

/** A library that one package alone may import; tests and benches may use it as an outside client. */
const onlyIn = (library, home) => ({
  name: `${library}-only-in-${home.replace("/", "-")}`,
  comment: `${library} is imported by ${home} alone, so that it can be replaced there`,
  severity: "error",
  from: { pathNot: [`^${home}/`, TESTS] },
  to: { path: `(^|node_modules/)${library}(/|$)`, pathNot: "^(packages|services|cli|web)/" },
});

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "contracts-import-nothing-of-ours",
      comment: "generated contracts stand below everything",
      severity: "error",
      from: { path: "^packages/contracts/" },
      to: {
        path: "^(packages|services|cli|web|bench|evals|tests|scripts)/",
        pathNot: "^packages/contracts/",
      },
    },
    {
      name: "packages-never-import-upwards",
      comment: "a package is used by services, the command line and the web, and knows none of them",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^(services|cli|web|bench|evals|tests|scripts)/" },
    },
    {
      name: "services-never-import-each-other",
      comment: "services meet over their contracts",
      severity: "error",
      from: { path: "^services/([^/]+)/", pathNot: TESTS },
      to: { path: "^services/", pathNot: "^services/$1/" },
    },
    {
      name: "services-never-import-upwards",
      comment: "a service does not know who uses it; only chat's process hands out the web client",
      severity: "error",
      from: { path: "^services/", pathNot: "^services/chat/src/main\\.ts$" },
      to: { path: "^(cli|web|bench|evals|tests|scripts)/" },
    },
    {
      name: "domain-knows-no-wire",
      comment: "domain files are free of transport, wire types and configuration; borders convert",
      severity: "error",
      from: { path: "^services/[^/]+/src/", pathNot: [SERVICE_BORDERS, TESTS] },
      to: {
        path: [
          "(^|node_modules/)@connectrpc/",
          "^packages/contracts/",
          "^packages/runtime/src/(config|environment)\\.ts$",
          "^services/[^/]+/src/config\\.ts$",
        ],
      },
    },
    {
      name: "main-is-imported-by-no-one",
      comment: "a main file runs when it is read",
      severity: "error",
      from: { pathNot: "^cli/bin/" },
      to: { path: "^(packages|services|cli|web)/.*/main\\.ts$" },
    },
    {
      name: "web-imports-what-browsers-run",
      comment: "what runs in a browser takes from the house the contracts, the client and the timeline",
      severity: "error",
      from: { path: "^web/", pathNot: TESTS },
      to: { path: "^(packages|services|cli)/", pathNot: "^packages/(contracts|client|timeline)/" },
    },
    {
      name: "testing-only-from-tests",
      comment: "the testing package is for tests, evals and benches",
      severity: "error",
      from: { pathNot: [TESTS, "^packages/testing/"] },
      to: { path: "^packages/testing/" },
    },
    {
      name: "no-cycles",
      comment: "modules that need each other are one module or three; types alone may point back",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "nothing-unresolved",
      comment: "an import that resolves to nothing would pass every other rule",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^(openai|nats|ioredis|pg)$" },
    },
    onlyIn("openai", "packages/llm"),
    onlyIn("nats", "packages/bus"),
    onlyIn("ioredis", "packages/redis"),
    onlyIn("pg", "packages/db"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: ["/data/", "/coverage/", "\\.cache/"] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".cjs", ".js", ".json"],
    },
    skipAnalysisNotInRules: true,
  },
};

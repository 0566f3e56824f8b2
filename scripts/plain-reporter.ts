import type { SerializedError } from "vitest";
import type { Reporter, TestModule, TestRunEndReason } from "vitest/node";

/**
 * Ends a test run with two facts that people and programs look for: which tests were skipped, and, alone on the last line,
 * "N passed, N failed". A module that cannot be loaded and an error outside of any test count as failed.
 */
export class PlainReporter implements Reporter {
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void = (line) => process.stdout.write(`${line}\n`)) {
    this.#write = write;
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    const skipped = inState("skipped");
    for (const test of skipped) this.#write(`skipped  ${test.module.relativeModuleId} > ${test.fullName}`);
    this.#write(`${skipped.length} skipped`);
    const broken = modules.flatMap((module) => brokenParts(module)).length;
    const failed = inState("failed").length + broken + unhandled.length;
    // A run that was cut short, or saw nothing, has not passed.
    const incomplete = failed === 0 && (reason !== "passed" || tests.length === 0);
    this.#write(`${inState("passed").length} passed, ${failed + (incomplete ? 1 : 0)} failed`);
  }
}

/** Modules and suites that failed outside of their tests: while loading, or in a hook. */
function brokenParts(module: TestModule): SerializedError[] {
  return [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => [...suite.errors()])];
}

import { describe, expect, it } from "vitest";
import { readEnv } from "./config.ts";
import { ConfigError } from "./config-fault.ts";
import { ENVIRONMENT } from "./environment.ts";

function faultsOf(env: Record<string, string>): string[] {
  try {
    readEnv(ENVIRONMENT, env);
  } catch (fault) {
    if (fault instanceof ConfigError) return fault.faults.map(({ key, problem }) => `${key}: ${problem}`);
  }
  return [];
}

describe("readEnv", () => {
  it("fills in the defaults that are documented", () => {
    expect(readEnv(ENVIRONMENT, {})).toMatchObject({
      HOST: "127.0.0.1",
      PORT: 8080,
      GRPC_PORT: 8081,
      METRICS_ADDR: "127.0.0.1:9464",
      DATA_DIR: "./data",
      MAX_MESSAGE_BYTES: 4_194_304,
      FORERUN_URL: "http://127.0.0.1:8080",
    });
  });

  it("takes an empty variable for an unset one", () => {
    expect(readEnv(ENVIRONMENT, { PORT: " ", MODEL: "" })).toMatchObject({ PORT: 8080 });
  });

  it("reads only what the schema names", () => {
    expect(readEnv(ENVIRONMENT.pick({ PORT: true }), { PORT: "1", GRPC_PORT: "nonsense" })).toEqual({
      PORT: 1,
    });
  });

  it("names every fault at once", () => {
    expect(
      faultsOf({ PORT: "eighty", GRPC_PORT: "65536", LOG_LEVEL: "inf", MODEL_URL: "localhost" }),
    ).toEqual([
      'PORT: expected a port from 0 to 65535, got "eighty"',
      'GRPC_PORT: expected a port from 0 to 65535, got "65536"',
      'LOG_LEVEL: expected debug or info or warn or error or silent, got "inf" … did you mean info?',
      'MODEL_URL: expected an address such as http://localhost:11434/v1, got "localhost"',
    ]);
  });

  it.each([
    ["FORERUN_KEY", "c2VjcmV0"],
    ["DATABASE_URL", "mysql://user:secret@host"],
  ])("never repeats the value of %s", (name, value) => {
    const faults = faultsOf({ [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).not.toContain(value);
    expect(faults[0]).toContain("a value not shown");
  });
});

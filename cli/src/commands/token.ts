import type { Command } from "commander";
import type { Execute } from "../command-context.ts";
import type { TokenMintInput } from "../verbs/token-mint.ts";
import { withExamples } from "./with-examples.ts";

export function addTokenCommands(program: Command, execute: Execute): void {
  const token = program.command("token").description("tokens for development").helpCommand(false);
  withExamples(token, [
    "npx forerun token mint --tenant acme --sub u1",
    "npx forerun token mint --tenant acme --sub ops --roles operator,admin --ttl 15m",
  ]);
  const mint = token
    .command("mint")
    .description("print a signed token: of forerun-dev, or with --key of JWT_ISSUER")
    .requiredOption("--tenant <name>", "the tenant it is for")
    .requiredOption("--sub <id>", "the user it is for")
    .option("--roles <list>", "user, evaluator, operator, admin; with commas between them", "user")
    .option("--ttl <duration>", "how long it holds", "1h")
    .option("--key <file>", "private key to sign with, a JWK or PEM; without it the one in DATA_DIR")
    .option("--queue <name>", "queue class of a regulated tenant")
    .action((input: TokenMintInput) =>
      execute(async () => (await import("../verbs/token-mint.ts")).tokenMint, input),
    );
  withExamples(mint, [
    "npx forerun token mint --tenant acme --sub u1",
    "FORERUN_TOKEN=$(npx forerun token mint --tenant acme --sub ops --roles operator --ttl 15m) npx forerun status",
  ]);
}

/**
 * Retrieval without embeddings: how good the ranking is beside the database's own, and what a search and an ingest cost.
 * The ranking's constants were chosen on these same judged queries among two dozen settings that lay within 0.03 of each
 * other, so the figures are somewhat kind to it; the plain ranking had no such choice.
 * Reads the public passages of FORERUN_DATA_DIR and needs Postgres (scripts/components.sh).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@forerun/components/postgres";
import type { Database } from "@forerun/db/database";
import { search } from "@forerun/memory/search/search";
import { parseSearchQuery } from "@forerun/memory/search/search-query";
import { putDocument } from "@forerun/memory/store/documents";
import { openMemoryStore } from "@forerun/memory/store/open-store";
import { SEARCH } from "@forerun/memory/store/search-statement";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { type Measurement, quantile, summary } from "./measurement.ts";
import { readErrorPages, readForeignQuestions } from "./memory/own-questions.ts";
import { type JudgedQuery, type Passage, readPassages } from "./memory/passages.ts";
import { ndcgAt10, recallAt5 } from "./memory/rank-quality.ts";

/** What Postgres offers by itself: cover density of any of the words, by length. */
const PLAIN_RANKING = {
  name: "bench.plain_ranking",
  text: `
    with query as (
      select string_agg('(' || q::text || ')', '|')::tsquery as q
      from unnest($1::text[]) as word, plainto_tsquery('english', word) as q
      where numnode(q) > 0)
    select d.uri from memory.chunk_terms c join memory.documents d using (document_id), query
    where c.terms @@ query.q
    order by ts_rank_cd('{0.1, 0.4, 0.6, 1}', c.terms, query.q, 1) desc, c.document_id
    limit 10`,
};

/** A best score from here on says that the documents hold an answer. */
const CONFIDENT = 0.45;

export async function* run(): AsyncGenerator<Measurement> {
  const { passages, queries } = readPassages();
  await using postgres = await startPostgres();
  const dataDir = await mkdtemp(join(tmpdir(), "forerun-bench-"));
  try {
    for (const [store, databaseUrl] of [
      ["postgres", postgres.url],
      ["pglite", undefined],
    ] as const) {
      await using db = await openMemoryStore({ databaseUrl, dataDir }, silentLogger);
      yield line(
        `${store}, ${passages.length} passages`,
        "ingest a document",
        "ms",
        summary(await ingest(db, passages)),
      );
      if (store === "postgres") {
        yield* quality(db, queries);
        yield* answerability(db);
      }
      yield* latency(store, db, queries);
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Milliseconds of each document. */
async function ingest(db: Database, passages: readonly Passage[]): Promise<number[]> {
  const times: number[] = [];
  for (const { id, title, text } of passages) {
    times.push(
      await timed(() => putDocument(db, LOCAL_CALLER, { uri: id, title, text, mediaType: "text/plain" })),
    );
  }
  return times;
}

async function* quality(db: Database, queries: readonly JudgedQuery[]): AsyncGenerator<Measurement> {
  const ours: string[][] = [];
  const plain: string[][] = [];
  for (const { text } of queries) {
    // A passage may be found by several of its chunks; its best one counts.
    const found = await search(db, LOCAL_CALLER, { text, k: 20 });
    ours.push([...new Set(found.map(({ uri }) => uri))].slice(0, 10));
    const rows = await db.query<{ uri: string }>(LOCAL_CALLER, PLAIN_RANKING, [parseSearchQuery(text).words]);
    plain.push(rows.map(({ uri }) => uri));
  }
  for (const [metric, score, aim] of [
    ["nDCG@10", ndcgAt10, 1.2],
    ["recall@5", recallAt5, 1.2],
  ] as const) {
    const each = (found: string[][]) => queries.map(({ grades }, at) => score(found[at] ?? [], grades));
    const [value, reference] = [mean(each(ours)), mean(each(plain))];
    const spread = { median: value, min: value, max: value, reps: queries.length };
    yield line("dbpedia against ts_rank_cd", metric, "0..1", spread, {
      reference,
      aim: `ratio >= ${aim}`,
      met: value >= aim * reference,
    });
  }
}

/** Does the score tell questions that the documents answer from those about something else? */
async function* answerability(db: Database): AsyncGenerator<Measurement> {
  const caller = { ...LOCAL_CALLER, tenant: "errors" };
  const { pages, questions } = readErrorPages();
  for (const page of pages) {
    await putDocument(db, caller, { ...page, title: "", mediaType: "text/markdown" });
  }
  const best = async (text: string) => (await search(db, caller, { text, k: 1 }))[0];
  const own: number[] = [];
  let first = 0;
  for (const { text, uri } of questions) {
    const found = await best(text);
    own.push(found?.score ?? 0);
    if (found?.uri === uri) first += 1;
  }
  const foreign: number[] = [];
  for (const text of readForeignQuestions()) foreign.push((await best(text))?.score ?? 0);
  const confident = (scores: number[]) => scores.filter((score) => score >= CONFIDENT).length / scores.length;
  const shares = [
    ["right page first", first / own.length, own, 0.9],
    [`own questions scored >= ${CONFIDENT}`, confident(own), own, 0.9],
    [`foreign questions scored < ${CONFIDENT}`, 1 - confident(foreign), foreign, 0.9],
  ] as const;
  for (const [metric, share, { length: reps }, aim] of shares) {
    const spread = { median: share, min: share, max: share, reps };
    yield line(`${pages.length} error pages`, metric, "0..1", spread, {
      reference: null,
      aim: `>= ${aim}`,
      met: share >= aim,
    });
  }
}

/** The whole search beside its bare statement, alternating. */
async function* latency(
  store: string,
  db: Database,
  queries: readonly JudgedQuery[],
): AsyncGenerator<Measurement> {
  const whole: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < 4; round++) {
    for (const { text } of queries) {
      const { words, phrases } = parseSearchQuery(text);
      whole.push(await timed(() => search(db, LOCAL_CALLER, { text, k: 5 })));
      bare.push(await timed(() => db.query(LOCAL_CALLER, SEARCH, [words, phrases, 5])));
    }
  }
  const reference = summary(bare).median;
  const p99 = quantile(
    [...whole].sort((a, b) => a - b),
    0.99,
  );
  yield line(`${store}, one tenant's 5,000`, "search p50", "ms", summary(whole), {
    reference,
    aim: "ratio <= 2",
    met: summary(whole).median <= 2 * reference,
  });
  yield line(`${store}, one tenant's 5,000`, "search p99", "ms", {
    median: p99,
    min: p99,
    max: p99,
    reps: whole.length,
  });
}

function line(
  name: string,
  metric: string,
  unit: string,
  spread: { median: number; min: number; max: number; reps: number },
  judged?: { reference: number | null; aim: string; met: boolean },
): Measurement {
  const ratio = judged?.reference ? spread.median / judged.reference : null;
  const rest = judged ?? { reference: null, aim: null, met: null };
  return { bench: "memory", case: name, metric, unit, ...spread, ...rest, ratio };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

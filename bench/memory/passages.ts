import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedDataPath } from "@forerun/testing/shared-data";

export type Passage = { id: string; title: string; text: string };
export type JudgedQuery = {
  text: string /** How relevant each judged passage is: 0, 1 or 2. */;
  grades: Map<string, number>;
};

/** 5,000 encyclopedia passages and the judged queries over them. */
export function readPassages(): { passages: Passage[]; queries: JudgedQuery[] } {
  const folder = sharedDataPath("e_memory_rag/dbpedia");
  const lines = (name: string) => readFileSync(join(folder, name), "utf8").trim().split("\n");
  const records = (name: string) =>
    lines(name).map((line) => JSON.parse(line) as { _id: string; title: string; text: string });
  const grades = new Map<string, Map<string, number>>();
  for (const line of lines("qrels_test.tsv").slice(1)) {
    const [query = "", passage = "", grade = ""] = line.split("\t");
    const known = grades.get(query) ?? new Map<string, number>();
    grades.set(query, known.set(passage, Number(grade)));
  }
  return {
    passages: records("corpus.jsonl").map(({ _id, title, text }) => ({ id: _id, title, text })),
    queries: records("queries.jsonl").flatMap(({ _id, text }) => {
      const judged = grades.get(_id);
      return judged ? [{ text, grades: judged }] : [];
    }),
  };
}

import type { Statement } from "@forerun/db/database";

export type SearchRow = {
  document_id: string;
  title: string;
  uri: string;
  start_offset: number;
  end_offset: number;
  headings: string[];
  text: string;
  score: number;
};

/**
 * The best chunks for a question, in one scan over the tenant's terms. $1 words, $2 phrases (search/search-query.ts), $3 how many.
 *
 * relevance = sum over the question's words of idf × tf / (1 + length/1000), divided by the sum of their idf, where
 * - tf is ts_rank of the one word: 0.61 × weight for one occurrence, towards the weight for many; the title weighs 1,
 *   headings 0.8, the text 0.6 (a saturating term frequency, as in BM25F);
 * - idf is BM25's with 50 more documents assumed, so that a handful of documents does not make every word look common;
 * - the best 60 gain a fifth of what is missing to 1 by the share of the question's word pairs that they hold as written.
 * The score is 1 − (1 − relevance)², which puts "each word once" near a half and keeps the order.
 */
export const SEARCH: Statement = {
  name: "memory.search",
  text: `
    with words as materialized (
      select row_number() over () as n, query from (
        select distinct query::text as source, query
        from unnest($1::text[]) as word, plainto_tsquery('english', word) as query
        where numnode(query) > 0
      ) as stems
    ), any_word as (
      select string_agg('(' || query::text || ')', '|')::tsquery as query from words
    ), candidates as materialized (
      select document_id, ordinal, c.words as length, terms
      from memory.chunk_terms c, any_word
      where terms @@ any_word.query
    ), matches as materialized (
      select document_id, ordinal, length, n, ts_rank('{0.6, 0.8, 0.8, 1}', terms, query) as tf
      from candidates join words on terms @@ query
    ), corpus as materialized (
      select count(*)::float8 as total from memory.chunk_terms
    ), weights as materialized (
      select n, ln(1 + (total + 50.5 - coalesce(found, 0)) / (coalesce(found, 0) + 1.0)) as idf
      from words
        cross join corpus
        left join (select n, count(*)::float8 as found from matches group by n) as frequencies using (n)
    ), ranked as (
      select document_id, ordinal,
        sum(idf * tf / (1 + 0.001::float8 * length)) / (select sum(idf) from weights) as relevance
      from matches join weights using (n)
      group by document_id, ordinal
      order by relevance desc, document_id, ordinal
      limit 60
    ), phrases as materialized (
      select distinct query::text as source, query
      from unnest($2::text[]) as phrase, phraseto_tsquery('english', phrase) as query
      where numnode(query) = 3
    ), scored as (
      select document_id, ordinal, relevance + 0.2::float8 * (1 - relevance) * coalesce(
        (select avg(case when terms @@ query then 1::float8 else 0 end) from phrases), 0) as relevance
      from ranked join candidates using (document_id, ordinal)
      order by relevance desc, document_id, ordinal
      limit $3
    )
    select document_id, d.title, d.uri, start_offset, end_offset, headings, c.text,
      1 - (1 - relevance) ^ 2 as score
    from scored
      join memory.chunks c using (document_id, ordinal)
      join memory.documents d using (document_id)
    order by relevance desc, document_id, ordinal`,
};

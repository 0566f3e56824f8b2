/** One `embed` in waiting: texts that have no vector yet are `texts.slice(vectors.length)`. */
export type EmbedJob = Readonly<{ texts: readonly string[]; vectors: Float32Array[] }>;

/** The job with the fewest texts to go: a question of one text must not wait for a catalogue of a thousand. */
export function shortestFirst<Job extends EmbedJob>(jobs: Iterable<Job>): Job | undefined {
  let shortest: Job | undefined;
  for (const job of jobs) if (shortest === undefined || left(job) < left(shortest)) shortest = job;
  return shortest;
}

function left({ texts, vectors }: EmbedJob): number {
  return texts.length - vectors.length;
}

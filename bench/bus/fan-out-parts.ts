/** What both ends of the fan-out know. */
export const BENCH_KEY = Buffer.alloc(32, 9).toString("base64");

export const TOOLS = ["t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8"] as const;

import base from "./playwright.config";

/** Figures for BENCHMARKS.md: one at a time, and no test of anything. */
export default { ...base, testMatch: "*.bench.ts", workers: 1, fullyParallel: false, reporter: "line" as const };

import base from "./playwright.config";

/** Pictures of every scene, to look at; not a test of anything. */
export default { ...base, testMatch: "*.shots.ts", timeout: 60_000, use: { ...base.use, actionTimeout: 8_000 } };

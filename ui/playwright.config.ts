import { defineConfig } from "@playwright/test";

// Two checkouts can be tested at the same time on two ports.
const port = Number(process.env["FOOTNOTE_UI_PORT"] ?? 4517);

export default defineConfig({
  testDir: "tests/browser",
  testMatch: "*.spec.ts",
  timeout: 90_000,
  expect: {
    // Answers and lists come when the machine has time for them; nothing is asserted about how long that takes.
    timeout: 15_000,
    toHaveScreenshot: {
      animations: "disabled",
      caret: "hide",
      scale: "css",
      // For the edges of letters and lines. A panel that moved, or a mark that lost its colour, is more.
      threshold: 0.03,
      maxDiffPixels: 200,
    },
  },
  snapshotPathTemplate: "{testDir}/looks/{arg}{ext}",
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env["CI"]),
  // A busy machine can be late once; what passes only then is listed as flaky.
  retries: process.env["CI"] ? 2 : 0,
  reporter: "list",
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox"],
    },
  },
  webServer: {
    command: `npx vite preview --mode fake --outDir dist-fake --host 127.0.0.1 --port ${port}`,
    url: `http://127.0.0.1:${port}`,
    reuseExistingServer: false,
  },
});

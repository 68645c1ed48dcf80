import { createReadStream, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const root = import.meta.dirname;

/**
 * The policy the window runs under (src-tauri/tauri.conf.json adds the IPC origin to connect-src).
 * Previews send it too, so that a browser test fails on anything the window would refuse.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Ships the files pdf.js loads at run time: character maps, standard fonts, image decoders, colour profiles. */
function pdfjsFiles(): Plugin {
  const from = resolve(import.meta.resolve("pdfjs-dist/package.json").replace(/^file:\/\//, ""), "..");
  const folders = ["cmaps", "standard_fonts", "wasm", "iccs"];
  return {
    name: "pdfjs-files",
    generateBundle() {
      for (const folder of folders) {
        for (const name of readdirSync(join(from, folder))) {
          this.emitFile({
            type: "asset",
            fileName: `pdfjs/${folder}/${name}`,
            source: readFileSync(join(from, folder, name)),
          });
        }
      }
    },
    configureServer(server) {
      server.middlewares.use("/pdfjs", (request, response, next) => {
        const match = /^\/(\w+)\/([\w.-]+)$/.exec(request.url ?? "");
        if (match?.[1] === undefined || match[2] === undefined || !folders.includes(match[1])) return next();
        createReadStream(join(from, match[1], match[2])).on("error", next).pipe(response);
      });
    },
  };
}

/**
 * The policy above forbids `style` attributes in markup, and two of the palette's primitives carry one. It becomes a
 * class of our own sheet.
 */
function bitsWithoutInlineStyle(): Plugin {
  return {
    name: "bits-without-inline-style",
    enforce: "pre",
    transform: {
      filter: { id: /bits-ui\/dist\/bits\/command\/.*\.svelte$/ },
      handler: (code) => code.replaceAll('style="display: contents;"', 'class="contents"'),
    },
  };
}

export default defineConfig(({ mode }) => {
  // The fake backend exists only in "fake" mode, so no production bundle can contain it.
  const fake = mode === "fake" || mode === "test";
  return {
    base: "./",
    plugins: [bitsWithoutInlineStyle(), svelte(), svelteTesting(), pdfjsFiles()],
    resolve: {
      alias: { "#backend": resolve(root, fake ? "src/backend/fake/index.ts" : "src/backend/tauri.ts") },
    },
    build: {
      outDir: mode === "fake" ? "dist-fake" : "dist",
      emptyOutDir: true,
      target: ["es2022", "safari16", "chrome110"],
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 900,
      modulePreload: { polyfill: false },
    },
    preview: { headers: { "Content-Security-Policy": contentSecurityPolicy }, strictPort: true },
    test: { environment: "jsdom", include: ["tests/unit/**/*.test.ts"] },
  };
});

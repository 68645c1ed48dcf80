import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

const tauriOnlyInBackend = {
  patterns: [{ group: ["@tauri-apps/*"], message: "Only ui/src/backend may know Tauri; use the Backend interface." }],
};

export default ts.config(
  { ignores: ["dist", "dist-fake", "test-results", "src/backend/bindings.ts"] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      "no-restricted-imports": ["error", tauriOnlyInBackend],
      "no-eval": "error",
      eqeqeq: "error",
      // Reactive records keyed by id are how Svelte's state tracks single rows.
      "@typescript-eslint/no-dynamic-delete": "off",
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig } },
  },
  { files: ["src/backend/**"], rules: { "no-restricted-imports": "off" } },
  { files: ["*.ts", "*.js", "tests/browser/**"], languageOptions: { globals: globals.node } },
);

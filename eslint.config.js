// The JavaScript of the dashboard: scripts of Streamlit components, run by the browser as modules.
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";

export default defineConfig([
  globalIgnores([".venv*/"]),
  js.configs.recommended,
  {
    files: ["dashboard/**/*.js"],
    languageOptions: { globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-shadow": "error",
      "one-var": ["error", "never"],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  // chart_element.py joins these two into one module: what the first defines, the second uses.
  {
    files: ["dashboard/ui/chart_labels.js"],
    rules: { "no-unused-vars": ["error", { varsIgnorePattern: "^settleLabels$" }] },
  },
  {
    files: ["dashboard/ui/chart_element.js"],
    languageOptions: { globals: { settleLabels: "readonly" } },
  },
]);

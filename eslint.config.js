// The JavaScript of the dashboard: scripts of Streamlit components, run by the browser as modules.
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";

const CHART_FUNCTIONS = {
  settleLabels: "readonly",
  makeLegible: "readonly",
  seriesOfLabels: "readonly",
  hideSeries: "readonly",
  offerSwitches: "readonly",
};

export default defineConfig([
  globalIgnores([".venv*/", "dashboard/ui/plotly/"]),
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
  // chart_element.py joins these into one module: what one defines, another uses.
  {
    files: ["dashboard/ui/chart_{labels,colours,series}.js"],
    rules: {
      "no-unused-vars": [
        "error",
        { varsIgnorePattern: `^(${Object.keys(CHART_FUNCTIONS).join("|")})$` },
      ],
    },
  },
  {
    files: ["dashboard/ui/chart_series.js"],
    languageOptions: { globals: { rgbOf: "readonly" } },
  },
  {
    files: ["dashboard/ui/chart_element.js"],
    languageOptions: { globals: CHART_FUNCTIONS },
  },
]);

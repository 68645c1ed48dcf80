import type { ErrorView, Problem } from "../types";

/** An error as the engine tells it: in English, by name where it has one, and with the files that the message names. */
export function error(message: string, hint: string | null, rest: Partial<ErrorView> = {}): ErrorView {
  return { kind: "user", code: null, message, hint, problem: null, places: [], ...rest };
}

/** What is not there, or not any more. */
export function missing(message: string): ErrorView {
  return error(message, "It may have been removed meanwhile", { code: "not_found", problem: { problem: "gone" } });
}

/** A failure of the machine that has a name. */
export function failed(message: string, hint: string, problem: Problem, rest: Partial<ErrorView> = {}): ErrorView {
  return error(message, hint, { kind: "runtime", problem, ...rest });
}

/** A PDF that cannot be read. */
export function brokenPdf(name: string): ErrorView {
  const detail = "the data of page 3 end too early";
  return error(`${name}: The PDF is damaged: ${detail}`, "Open it in a PDF viewer and save or print it as a new PDF, then add that", {
    problem: { problem: "damaged_file", detail },
    places: [name],
  });
}

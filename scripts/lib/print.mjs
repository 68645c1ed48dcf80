// What the scripts say. Failures are thrown as `Remedy`, so that every one ends with what to do about it.

const color = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);

export const bold = (text) => paint(1, text);
export const green = (text) => paint(32, text);
export const red = (text) => paint(31, text);
export const yellow = (text) => paint(33, text);

/** A failure with its remedy. */
export class Remedy extends Error {
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

export function step(text) {
  console.log(`${bold('==>')} ${text}`);
}

export function note(text) {
  console.log(`    ${text}`);
}

export function seconds(ms) {
  const s = ms / 1000;
  if (s < 60) return `${s.toFixed(1)} s`;
  return `${Math.floor(s / 60)} min ${String(Math.round(s % 60)).padStart(2, '0')} s`;
}

export function bytes(n) {
  if (n < 1e6) return `${(n / 1e3).toFixed(1)} kB`;
  if (n < 1e9) return `${(n / 1e6).toFixed(1)} MB`;
  return `${(n / 1e9).toFixed(1)} GB`;
}

/** Runs a script's main function; prints one clear line and the remedy when it fails. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    if (!(error instanceof Remedy)) throw error;
    console.error(`\n${red('error:')} ${error.message}`);
    if (error.remedy) console.error(`${bold('what to do:')} ${error.remedy}`);
    process.exitCode = 1;
  }
}

// npm start: sets up, builds, and opens Footnote in the best way this machine has: a window, a terminal, or
// one answered question.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { built, environment, root } from './lib/env.mjs';
import { main, note, Remedy, step } from './lib/print.mjs';
import { must, run } from './lib/run.mjs';
import { build, setUp } from './lib/steps.mjs';

const samples = join(root, 'assets', 'samples');
const questionFile = join(root, 'assets', 'sample-question.txt');

main(async () => {
  await setUp({ forTests: false });
  // The whole workspace is named so that dependencies get the features `npm test` builds them with, once.
  await build('Footnote', ['--workspace', '--bin', 'footnote-desktop', '--bin', 'footnote']);
  const env = environment();
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (display) {
    step('Opening Footnote');
    return run(built('footnote-desktop'), process.argv.slice(2), { env });
  }
  if (process.stdin.isTTY && process.stdout.isTTY) {
    step('There is no display, so Footnote opens in this terminal');
    return run(built('footnote'), ['chat', ...process.argv.slice(2)], { env });
  }
  step('There is neither a display nor a terminal, so Footnote answers one question about its sample documents');
  if (!existsSync(samples)) throw new Remedy('assets/samples is missing', 'Restore it with `git checkout assets/samples`.');
  const remedy = 'Run `npm run footnote -- doctor`; it says what is wrong and what to do.';
  await must(built('footnote'), ['add', samples], { env }, 'the sample documents could not be added', remedy);
  const question = existsSync(questionFile) ? readFileSync(questionFile, 'utf8').trim() : 'What are these documents about?';
  note(`Question: ${question}`);
  await must(built('footnote'), ['ask', question], { env }, 'the question could not be answered', remedy);
  return 0;
});

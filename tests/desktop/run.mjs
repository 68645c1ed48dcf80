// The window, end to end, with the real engine.
//
//   xvfb-run -a node tests/desktop/run.mjs [journey] [library] [day]
//
// FOOTNOTE_MODELS            the models (default: where the program keeps them)
// FOOTNOTE_DESKTOP           the program (default: $CARGO_TARGET_DIR/debug/footnote-desktop)
// FOOTNOTE_SHOTS             a folder for screenshots
// FOOTNOTE_GENERATOR, FOOTNOTE_ORT_LIBRARY  handed on to the program
//
// The program's data folder, home and settings are in a temporary folder; nothing of the user's is touched.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';

import { day } from './day.mjs';
import { startDriver } from './driver.mjs';
import { binary, clear, env, say, session, shot } from './harness.mjs';
import { journey } from './journey.mjs';
import { library } from './library.mjs';

const parts = { journey, library, day };
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);

for (const name of wanted) assert.ok(Object.hasOwn(parts, name), `there is no part "${name}"; there are ${Object.keys(parts).join(', ')}`);
assert.ok(existsSync(binary), `${binary} is not there; build it with \`cargo build --workspace\``);
const driver = await startDriver(env);
try {
  for (const name of wanted) await parts[name](driver);
  say('the window works');
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error.stack ?? error}\n`);
  await shot('failed').catch(() => {});
  if (session) {
    const text = await session.run('() => document.body.innerText').catch(() => '');
    process.stderr.write(`--- the window says ---\n${text}\n`);
    await session.close().catch(() => {});
  }
} finally {
  driver.stop();
  clear();
}

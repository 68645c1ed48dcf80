// npm test: sets up, then runs every check and every test, the quick ones first, and ends with one plain line.
// `npm test -- NAME...` runs only those checks; `npm run check` those that take seconds once built.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { built, cargo, environment, root, tools } from './lib/env.mjs';
import { bold, green, main, note, red, Remedy, seconds, step, yellow } from './lib/print.mjs';
import { ask, npm, run, which } from './lib/run.mjs';
import { setUp, smallModels } from './lib/steps.mjs';

const DENY = '0.18.9';
const SKIPPED = 'skipped';
const args = process.argv.slice(2);
const linux = process.platform === 'linux';

const call = ([command, ...rest], extra = {}) => run(command, rest, { cwd: root, env: environment(extra) });
const ui = (script) => () => call(npm('run', '-w', 'ui', script), browser());

/** Tests use the browser that is there; none is downloaded. */
function browser() {
  const path = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map(which).find(Boolean);
  return path ? { PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH: path, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' } : {};
}

let denyPath;
async function deny() {
  const own = join(tools, 'bin', process.platform === 'win32' ? 'cargo-deny.exe' : 'cargo-deny');
  denyPath ??= existsSync(own) ? own : which('cargo-deny');
  if (!denyPath) {
    note(`installing cargo-deny ${DENY}; once, a few minutes`);
    const env = { ...process.env };
    delete env.CARGO_TARGET_DIR;
    await run('cargo', ['install', '--quiet', '--locked', `cargo-deny@${DENY}`, '--root', tools], { env });
    denyPath = own;
  }
  return denyPath;
}

async function licences() {
  // Crates of other platforms are judged too, and a build leaves those unfetched. No work when all are there.
  await call(['cargo', 'fetch', '--quiet']);
  return call([await deny(), '--offline', '--log-level', 'error', 'check', '--hide-inclusion-graph', 'licenses', 'bans', 'sources']);
}

async function advisories() {
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0' };
  const reach = ask('git', ['ls-remote', '--quiet', 'https://github.com/RustSec/advisory-db', 'HEAD'], { env, timeout: 20_000 });
  if (!reach.ok) {
    console.log(yellow('NOT CHECKED: the advisory database cannot be reached from here, so known vulnerabilities were not looked for.'));
    return SKIPPED;
  }
  return run(await deny(), ['--log-level', 'error', 'check', 'advisories'], { cwd: root, env: environment(), timeoutMs: 300_000 });
}

const nextest = () => which('cargo-nextest') !== null;
/** Whether a change gets in must not hang on which inputs chance made up: those of CI are always the same. */
const inputs = process.env.CI ? { PROPTEST_RNG_SEED: '1' } : {};
const rustTests = () =>
  call(nextest() ? cargo('nextest', 'run', '--workspace') : cargo('test', '--workspace', '--lib', '--bins', '--tests'), inputs);

/** Our own sets of questions: fails when answers are worse than a set's gate allows. */
async function answers() {
  let code = 0;
  for (const set of ['own', 'tables']) {
    console.log(`tests/eval/${set}`);
    code ||= await call([built('footnote'), 'eval', 'answers', `tests/eval/${set}`, '--gate', `tests/eval/${set}/gate.toml`], smallModels);
  }
  return code;
}

function desktop() {
  if (!linux) return SKIPPED;
  const session = which('dbus-run-session') ? ['dbus-run-session', '--'] : [];
  // A display of its own, also on a desktop: the test must not depend on what else is on the screen.
  return call([...session, 'xvfb-run', '-a', '-s', '-screen 0 1280x900x24', process.execPath, 'tests/desktop/run.mjs'],
    { WAYLAND_DISPLAY: '', GDK_BACKEND: 'x11', ...browser() });
}

// `needs` names a check without which this one cannot say anything.
const CHECKS = [
  { name: 'format', fast: true, run: () => call(cargo('fmt', '--all', '--check')) },
  { name: 'deps', fast: true, run: () => call([built('xtask'), 'deps']) },
  { name: 'licences', fast: true, run: licences },
  { name: 'advisories', run: advisories },
  { name: 'ui-types', fast: true, run: ui('check') },
  { name: 'ui-lint', fast: true, run: ui('lint') },
  { name: 'ui-unit', fast: true, run: ui('test') },
  { name: 'build', run: () => call(cargo('build', '--workspace', '--all-targets')) },
  { name: 'clippy', needs: 'build', fast: true, run: () => call(cargo('clippy', '--workspace', '--all-targets', '--', '-D', 'warnings')) },
  { name: 'doc', needs: 'build', run: () => call(cargo('doc', '--no-deps', '--workspace', '--document-private-items'), { RUSTDOCFLAGS: '-D warnings' }) },
  { name: 'bindings', needs: 'build', run: () => call([built('examples/export-bindings'), '--check']) },
  { name: 'rust-tests', needs: 'build', run: rustTests },
  { name: 'doc-tests', needs: 'build', run: () => call(cargo('test', '--workspace', '--doc')) },
  { name: 'answers', needs: 'build', run: answers },
  { name: 'ui-browser', run: ui('test:browser') },
  { name: 'desktop', needs: 'build', run: desktop },
];

function chosen() {
  const names = args.filter((a) => !a.startsWith('--'));
  const unknown = names.filter((n) => !CHECKS.some((c) => c.name === n));
  if (unknown.length) throw new Remedy(`no check is called ${unknown.join(', ')}`, `Choose from: ${CHECKS.map((c) => c.name).join(' ')}`);
  if (names.length) return CHECKS.filter((c) => names.includes(c.name));
  return args.includes('--fast') ? CHECKS.filter((c) => c.fast) : CHECKS;
}

main(async () => {
  const checks = chosen();
  const start = Date.now();
  await setUp({ forTests: true });
  const results = [{ name: 'set-up', state: 'passed', ms: Date.now() - start }];
  const failed = new Set();
  for (const check of checks) {
    console.log(`\n${bold(`==> ${check.name}`)}`);
    const began = Date.now();
    let state = 'passed';
    if (failed.has(check.needs)) {
      console.log(red(`not run: ${check.needs} failed`));
      state = 'failed';
    } else {
      const code = await check.run();
      if (code === SKIPPED) state = SKIPPED;
      else if (code !== 0) state = 'failed';
      if (code === 130) throw new Remedy('stopped', 'Run `npm test` again; what is built stays built.');
    }
    if (state === 'failed') failed.add(check.name);
    results.push({ name: check.name, state, ms: Date.now() - began });
  }
  console.log();
  const paint = { passed: green, failed: red, [SKIPPED]: yellow };
  for (const { name, state, ms } of results) console.log(`${name.padEnd(12)} ${paint[state](state.padEnd(8))} ${seconds(ms).padStart(12)}`);
  const count = (state) => results.filter((r) => r.state === state).length;
  if (count(SKIPPED)) console.log(yellow(`not checked: ${results.filter((r) => r.state === SKIPPED).map((r) => r.name).join(', ')}`));
  console.log(`\nin ${seconds(Date.now() - start)}`);
  console.log(`${count('passed')} passed, ${count('failed')} failed`);
  return count('failed') ? 1 : 0;
});

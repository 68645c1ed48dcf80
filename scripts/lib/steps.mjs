// The set-up, step by step. Every step looks first whether its work is done, so a second run takes no time.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { built, cargo, environment, root, runtimeDir, targetDir } from './env.mjs';
import { bytes, note, Remedy, step } from './print.mjs';
import { must, npm } from './run.mjs';
import { checkNode, checkRust, systemLibraries } from './system.mjs';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** npm packages, scripts off: nothing of theirs may run or download here. */
export async function npmPackages() {
  const stamp = join(root, 'node_modules', '.footnote-lock');
  const want = sha256(readFileSync(join(root, 'package-lock.json')));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === want) {
    note('npm packages unchanged');
    return;
  }
  step('Installing npm packages (scripts off)');
  const [command, ...args] = npm('ci', '--ignore-scripts', '--no-audit', '--no-fund');
  await must(command, args, { cwd: root }, 'the npm packages could not be installed',
    'Check the network and npm\'s registry and proxy settings, then run the command again.');
  writeFileSync(stamp, want);
}

/** Copies the ONNX Runtime library of this platform to `runtime/`. */
export function onnxRuntime() {
  const from = join(root, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6', process.platform, process.arch);
  if (!existsSync(from)) {
    throw new Remedy(`ONNX Runtime has no library for ${process.platform} on ${process.arch}`,
      'Build ONNX Runtime for this machine and set FOOTNOTE_ORT_LIBRARY to its library.');
  }
  mkdirSync(runtimeDir, { recursive: true });
  let copied = 0;
  for (const name of readdirSync(from).filter((n) => !n.endsWith('.node'))) {
    const [source, target] = [join(from, name), join(runtimeDir, name)];
    const size = statSync(source).size;
    if (existsSync(target) && statSync(target).size === size) continue;
    // Under another name first: an interrupted copy must not look like the library.
    copyFileSync(source, `${target}.part`);
    rmSync(target, { force: true });
    renameSync(`${target}.part`, target);
    copied += size;
  }
  note(copied ? `ONNX Runtime placed in runtime/ (${bytes(copied)})` : 'ONNX Runtime is in runtime/');
}

/** Names, sizes and times of what the window is built from. */
function uiFingerprint() {
  const lines = [];
  const walk = (dir) => {
    for (const entry of readdirSync(join(root, dir), { withFileTypes: true })) {
      const path = `${dir}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!/^(node_modules|dist|tests|test-results)/.test(entry.name)) walk(path);
      } else {
        const { size, mtimeMs } = statSync(join(root, path));
        lines.push(`${path} ${size} ${mtimeMs}`);
      }
    }
  };
  walk('ui');
  return sha256(lines.sort().join('\n') + readFileSync(join(root, 'package-lock.json')));
}

/** Builds the window's pages, which the desktop program carries inside. */
export async function windowPages({ force = false } = {}) {
  const stamp = join(root, 'node_modules', '.footnote-ui');
  const want = uiFingerprint();
  const index = join(root, 'ui', 'dist', 'index.html');
  if (!force && existsSync(index) && existsSync(stamp) && readFileSync(stamp, 'utf8') === want) {
    note('window pages unchanged');
    return;
  }
  step('Building the window\'s pages');
  rmSync(stamp, { force: true });
  const [command, ...args] = npm('run', '-w', 'ui', 'build', '--', '--logLevel', 'warn');
  await must(command, args, { cwd: root }, 'the window\'s pages could not be built',
    'Read the message above; `npm ci --ignore-scripts` puts a damaged node_modules right.');
  writeFileSync(stamp, want);
}

const cargoRemedy = 'Read the first error above; building again goes on where it stopped.';

/** Builds `args`, e.g. `['--workspace', '--all-targets']`. */
export async function build(what, args) {
  step(`Building ${what} in ${targetDir}`);
  const [command, ...rest] = cargo('build', ...args);
  await must(command, rest, { cwd: root, env: environment() }, `${what} did not build`, cargoRemedy);
}

/** The environment of tests: they are about the small models on every machine. */
export const smallModels = { CI: 'true' };
/** Models that users fetch if they want them, and that have tests. */
const extraModels = ['rampart'];

/**
 * Fetches the default models with the one module that opens connections. Naming the whole workspace and one
 * binary gives its dependencies the features the full build wants, so nothing is compiled twice.
 */
export async function models({ forTests = false } = {}) {
  await build('the fetcher', ['--workspace', '--bin', 'xtask']);
  step('Fetching the default models');
  const wanted = ['models', 'fetch', '--default', ...(forTests ? extraModels : [])];
  await must(built('xtask'), wanted, { cwd: root, env: environment(forTests ? smallModels : {}) },
    'the default models are not complete', 'Follow the hint above, then run the command again; what was fetched is kept.');
}

/** Everything up to the build. */
export async function setUp({ forTests }) {
  step('Checking tools and libraries');
  checkNode();
  checkRust({ forTests });
  await systemLibraries({ forTests });
  await npmPackages();
  onnxRuntime();
  await windowPages();
  await models({ forTests });
}

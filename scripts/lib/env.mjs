// Where things are, and the environment every build and every program of this project runs in.

import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { which } from './run.mjs';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const cache = join(homedir(), '.cache', 'footnote');
export const tools = join(cache, 'tools');
export const runtimeDir = join(root, 'runtime');
// Outside the working tree, so that a fresh clone of the same project builds in seconds.
export const targetDir = process.env.CARGO_TARGET_DIR || join(cache, 'target');

const exe = process.platform === 'win32' ? '.exe' : '';

/** A program built from this workspace. */
export const built = (name) => join(targetDir, 'debug', name + exe);

/** The ONNX Runtime library in `runtime/`, or null. */
export function runtimeLibrary() {
  if (!existsSync(runtimeDir)) return null;
  const name = readdirSync(runtimeDir).find((n) => /^(lib)?onnxruntime(\.[\d.]+)?\.(so\.1|dylib|dll)$/.test(n));
  return name ? join(runtimeDir, name) : null;
}

/** The environment of builds and of what they build. */
export function environment(extra = {}) {
  const env = { ...process.env, CARGO_TARGET_DIR: targetDir, ...extra };
  const library = runtimeLibrary();
  if (library && !process.env.FOOTNOTE_ORT_LIBRARY) env.FOOTNOTE_ORT_LIBRARY = library;
  return env;
}

/**
 * `[command, ...args]` of cargo. The toolchain links with its own LLD on x86-64 Linux; on other Linux machines
 * `mold -run` takes the slow default linker's place without a flag, because a flag would rebuild every crate.
 */
export function cargo(...args) {
  const slowLinker = process.platform === 'linux' && process.arch !== 'x64';
  return slowLinker && which('mold') ? ['mold', '-run', 'cargo', ...args] : ['cargo', ...args];
}

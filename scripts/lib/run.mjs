// Running other programs: live output for what takes long, captured output for questions.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { Remedy } from './print.mjs';

/** The path of a program, or null. */
export function which(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(dir, name + ending);
      if (dir && existsSync(path)) return path;
    }
  }
  return null;
}

/** Asks a program something: `{ ok, out, err }`, with output trimmed. Never throws. */
export function ask(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  return {
    ok: done.status === 0,
    out: (done.stdout ?? '').trim(),
    err: (done.stderr ?? done.error?.message ?? '').trim(),
  };
}

/** Runs a program with its output live; resolves to its exit code. Ctrl-C reaches the child as well. */
export function run(command, args, { env = process.env, cwd, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', env, cwd });
    let timer;
    if (timeoutMs) timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const ignore = () => {};
    process.on('SIGINT', ignore);
    const end = (code) => {
      clearTimeout(timer);
      process.off('SIGINT', ignore);
      resolve(code);
    };
    child.on('error', () => end(127));
    child.on('exit', (code, signal) => end(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

/** Runs a program with its output live, and fails with the remedy when it fails. */
export async function must(command, args, options, message, remedy) {
  const code = await run(command, args, options);
  if (code === 130) throw new Remedy('stopped', 'Run the command again; finished work is kept.');
  if (code !== 0) throw new Remedy(message, remedy);
}

/** `[command, ...args]` of npm itself, without a shell on Windows. */
export function npm(...args) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js')) return [process.execPath, cli, ...args];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', ...args];
}

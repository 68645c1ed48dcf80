// A Debian 12 of its own in a folder: made with debootstrap, used through chroot.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Remedy } from './print.mjs';

const SUITE = 'bookworm';
const USER = 'reader';
const BASE = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
// What a package registry's proxy needs, and nothing else of this machine's environment.
const PROXIES = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(https?|no)_proxy$/i.test(name)));

export class Chroot {
  /** The person who uses it; has an id of its own and no rights beyond it. */
  home = `/home/${USER}`;

  constructor(path) {
    this.path = path;
  }

  /** A path of the inside, as it is outside. */
  at(path) {
    return join(this.path, path);
  }

  /**
   * Makes the smallest Debian there is, with its updates, or takes the one that is there; and mounts what every system has, until
   * the mount namespace ends.
   */
  make(mirror) {
    if (existsSync(this.at('etc/debian_version'))) return this.#begin();
    this.#outside('debootstrap', ['--variant=minbase', '--include=ca-certificates', SUITE, this.path, mirror],
      'Debian could not be fetched', 'Check the network, or name a mirror with --mirror.');
    const security = mirror.replace(/\/debian\/?$/, '/debian-security');
    writeFileSync(this.at('etc/apt/sources.list'), [
      `deb ${mirror} ${SUITE} main`, `deb ${mirror} ${SUITE}-updates main`, `deb ${security} ${SUITE}-security main`, '',
    ].join('\n'));
    // Nothing that is installed starts a daemon.
    writeFileSync(this.at('usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    this.#outside('cp', ['/etc/resolv.conf', this.at('etc/resolv.conf')], 'the name server could not be copied', 'Look at /etc/resolv.conf.');
    return this.#begin();
  }

  #begin() {
    this.#mount('-t', 'proc', 'proc', this.at('proc'));
    this.#mount('--rbind', '/dev', this.at('dev'));
    this.#mount('-t', 'tmpfs', 'tmpfs', this.at('tmp'));
    this.#mount('-t', 'tmpfs', 'tmpfs', this.at('run'));
    // Of an earlier trial in this Debian.
    if (this.run(['id', USER]).ok) this.must(['userdel', '--remove', USER]);
    this.must(['useradd', '--create-home', USER]);
  }

  /** Shows a folder or file of the outside at `path`, not to be written to. */
  show(outside, path, isFile = false) {
    if (isFile) {
      mkdirSync(join(this.at(path), '..'), { recursive: true });
      writeFileSync(this.at(path), '');
    } else mkdirSync(this.at(path), { recursive: true });
    this.#mount('--bind', outside, this.at(path));
    this.#mount('-o', 'remount,bind,ro', this.at(path));
  }

  install(...packages) {
    this.must(['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages], { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  }

  /** Runs a program inside to its end: `{ ok, code, out, err }`. As root, unless `asUser`. */
  run(args, { asUser = false, env = {}, folder } = {}) {
    const done = spawnSync('chroot', this.#args(args, asUser, env, folder), { encoding: 'utf8', maxBuffer: 1 << 28 });
    return { ok: done.status === 0, code: done.status, out: done.stdout.trim(), err: done.stderr.trim() };
  }

  /** Runs a program inside that has to succeed; its output. */
  must(args, options) {
    const done = this.run(args, options);
    if (!done.ok) throw new Remedy(`in the fresh Debian, ${args.join(' ')} ended with ${done.code}:\n${done.out}\n${done.err}`, 'Run again with --keep and look into it.');
    return done.out;
  }

  /** Starts a program inside, as the user, and leaves it running. */
  start(args, env = {}) {
    return spawn('chroot', this.#args(args, true, env), { stdio: ['ignore', 'inherit', 'inherit'] });
  }

  #args(args, asUser, env, folder = asUser ? this.home : '/') {
    const own = asUser ? { HOME: this.home, USER } : { HOME: '/root', ...PROXIES };
    const set = Object.entries({ ...BASE, ...own, ...env }).map(([name, value]) => `${name}=${value}`);
    return [...(asUser ? [`--userspec=${USER}:${USER}`] : []), this.path, '/usr/bin/env', '-i', '-C', folder, ...set, ...args];
  }

  #mount(...args) {
    this.#outside('mount', args, `mount ${args.join(' ')} failed`, 'A container may not be allowed to mount; run this on a whole system.');
  }

  #outside(command, args, message, remedy) {
    const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (done.status !== 0) throw new Remedy(`${message}:\n${(done.stdout ?? '').slice(-2000)}\n${done.stderr ?? done.error?.message}`, remedy);
  }
}

// What the machine must have: Node, Rust, system libraries. Says what is missing, with the remedy.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './env.mjs';
import { note, Remedy, step } from './print.mjs';
import { ask, must, which } from './run.mjs';

const BUILD = ['build-essential', 'curl', 'file', 'pkg-config', 'protobuf-compiler', 'libprotobuf-dev',
  'libwebkit2gtk-4.1-dev', 'librsvg2-dev', 'libayatana-appindicator3-dev'];
const TEST = ['xvfb', 'webkit2gtk-driver', 'poppler-utils', 'dbus-x11', 'xauth'];
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const atLeast = (have, want) => {
  for (let i = 0; i < want.length; i += 1) {
    if ((have[i] ?? 0) !== want[i]) return (have[i] ?? 0) > want[i];
  }
  return true;
};
const numbers = (text) => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number);

export function checkNode() {
  if (!atLeast(numbers(process.versions.node), [20, 19])) {
    throw new Remedy(`Node ${process.versions.node} is too old; 20.19 or newer is needed`,
      'Install a current Node from https://nodejs.org and run the command again.');
  }
}

/** Rust as `rust-toolchain.toml` names it; rustup fetches that toolchain by itself. */
export function checkRust({ forTests }) {
  const wanted = /channel\s*=\s*"([\d.]+)"/.exec(readFileSync(join(root, 'rust-toolchain.toml'), 'utf8'))?.[1] ?? '1.95';
  const install = 'Install Rust with rustup from https://rustup.rs, open a new terminal, and run the command again.';
  if (!which('cargo')) throw new Remedy(`Rust ${wanted} is not installed`, install);
  let found = ask('rustc', ['--version'], { cwd: root });
  if (!found.ok && which('rustup')) {
    note(`installing Rust ${wanted} with rustup`);
    ask('rustup', ['toolchain', 'install', wanted, '--profile', 'default'], { cwd: root, stdio: 'inherit' });
    found = ask('rustc', ['--version'], { cwd: root });
  }
  const version = /rustc ([\d.]+)/.exec(found.out)?.[1];
  if (!version) throw new Remedy(`Rust does not work: ${found.err.split('\n')[0]}`, install);
  if (!atLeast(numbers(version), numbers(wanted).slice(0, 2))) {
    throw new Remedy(`Rust ${version} is too old; ${wanted} is needed`, install);
  }
  if (forTests) {
    for (const [tool, component] of [['fmt', 'rustfmt'], ['clippy', 'clippy']]) {
      if (ask('cargo', [tool, '--version'], { cwd: root }).ok) continue;
      if (which('rustup')) ask('rustup', ['component', 'add', component], { cwd: root, stdio: 'inherit' });
      if (!ask('cargo', [tool, '--version'], { cwd: root }).ok) {
        throw new Remedy(`cargo ${tool} is missing`, `Run: rustup component add ${component}`);
      }
    }
  }
  note(`Node ${process.versions.node}, Rust ${version}`);
}

export async function systemLibraries({ forTests }) {
  if (process.platform === 'linux') return linux(forTests);
  if (which('protoc')) return undefined;
  const command = process.platform === 'darwin' ? 'brew install protobuf' : 'winget install --exact --id Google.Protobuf';
  throw new Remedy('protoc (the Protocol Buffers compiler) is not installed', `Run: ${command}`);
}

async function linux(forTests) {
  if (!which('dpkg-query') || !which('apt-get')) return otherLinux(forTests);
  const wanted = [...BUILD, ...(forTests ? TEST : [])];
  // Any of these browsers does; on some releases the package of that name is only a pointer to a store.
  if (forTests && !BROWSERS.some(which)) wanted.push('chromium');
  if (process.arch !== 'x64') wanted.push('mold');
  const found = ask('dpkg-query', ['-W', '-f=${db:Status-Abbrev} ${Package}\\n', ...wanted]);
  const installed = new Set(found.out.split('\n').filter((l) => l.startsWith('ii')).map((l) => l.split(/\s+/)[1]));
  const missing = wanted.filter((name) => !installed.has(name));
  if (missing.length === 0) {
    note(`${wanted.length} system packages, all installed`);
    return undefined;
  }
  const asRoot = process.getuid() === 0;
  const prefix = asRoot ? [] : ['sudo'];
  const install = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=300',
    'install', '-y', '--no-install-recommends', ...missing];
  const byHand = `sudo apt-get update && sudo apt-get install -y ${missing.join(' ')}`;
  const maySudo = which('sudo') && (process.stdin.isTTY || ask('sudo', ['-n', 'true']).ok);
  if (!asRoot && !maySudo) {
    throw new Remedy(`system packages are missing, and only root may install them: ${missing.join(' ')}`, `Run: ${byHand}`);
  }
  step(`Installing system packages: ${missing.join(' ')}`);
  const call = (args) => must([...prefix, ...args][0], [...prefix, ...args].slice(1), {},
    'the system packages could not be installed', `Run: ${byHand}`);
  await call(['apt-get', 'update', '-qq']);
  await call(install);
  return undefined;
}

function otherLinux(forTests) {
  const missing = [];
  const library = (name) => which('pkg-config') && ask('pkg-config', ['--exists', name]).ok;
  for (const name of ['webkit2gtk-4.1', 'librsvg-2.0', 'ayatana-appindicator3-0.1']) if (!library(name)) missing.push(name);
  const programs = ['cc', 'pkg-config', 'protoc', ...(forTests ? ['Xvfb', 'WebKitWebDriver', 'pdftotext', 'dbus-launch'] : [])];
  for (const name of programs) if (!which(name)) missing.push(name);
  if (forTests && !BROWSERS.some(which)) missing.push('chromium');
  if (missing.length === 0) return undefined;
  const tests = (names) => (forTests ? ` ${names}` : '');
  const remedy = which('dnf')
    ? `sudo dnf install gcc-c++ pkgconf protobuf-compiler webkit2gtk4.1-devel librsvg2-devel libayatana-appindicator-gtk3-devel${tests('xorg-x11-server-Xvfb webkit2gtk4.1 poppler-utils dbus-x11 chromium')}`
    : which('pacman')
      ? `sudo pacman -S --needed base-devel protobuf webkit2gtk-4.1 librsvg libayatana-appindicator${tests('xorg-server-xvfb poppler dbus chromium')}`
      : `install with your package manager: ${missing.join(', ')}`;
  throw new Remedy(`system libraries or programs are missing: ${missing.join(', ')}`, `Run: ${remedy}`);
}

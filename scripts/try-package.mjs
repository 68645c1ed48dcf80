// npm run package:try: installs the .deb in a fresh Debian 12, uses it there as somebody would, and removes it again.
//   npm run package:try -- FILE          another package than the .deb made last: a .deb, or an AppImage, which is only put there
//   npm run package:try -- --keep        leaves that Debian in place to look around
//   npm run package:try -- --in FOLDER   in the Debian that --keep left: quicker, and not clean any more
//   npm run package:try -- --mirror URL  another mirror of Debian
// Needs root (debootstrap, mounts, chroot), the packages debootstrap and xvfb, and the models. What it mounts is in a namespace of
// its own and goes with it; apart from its temporary folder it writes nothing.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { Chroot } from './lib/chroot.mjs';
import { root, targetDir } from './lib/env.mjs';
import { bytes, green, main, note, Remedy, seconds, step } from './lib/print.mjs';
import { which } from './lib/run.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    keep: { type: 'boolean', default: false },
    in: { type: 'string' },
    mirror: { type: 'string', default: 'http://deb.debian.org/debian' },
    // The part inside the namespace is this script again.
    inside: { type: 'string' },
  },
});
const models = resolve(process.env.FOOTNOTE_MODELS || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'footnote', 'models'));
const SAMPLE = '/opt/footnote/assets/samples';
/** What an AppImage leaves to the system, as its format's list of excluded libraries has it: every desktop has these. */
const DESKTOP = ['libasound2', 'libdrm2', 'libegl1', 'libfontconfig1', 'libfreetype6', 'libfribidi0', 'libgbm1', 'libgl1', 'libharfbuzz0b', 'libstdc++6',
  'libthai0', 'libx11-6', 'libx11-xcb1', 'libxcb1'];
const UNPACKED = 'squashfs-root';
/** Proportional memory of all processes with no model loaded, in bytes. */
const AT_REST = 250e6;
const DATA = '.local/share/footnote';

/** The package named, or the .deb that was made last. */
function chosen() {
  if (positionals[0]) {
    if (!existsSync(positionals[0])) throw new Remedy(`${positionals[0]} is not there`, 'Make it with `npm run package`.');
    return resolve(positionals[0]);
  }
  const made = ['release', 'debug'].map((profile) => join(targetDir, profile, 'bundle', 'deb')).filter(existsSync)
    .flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith('.deb')).map((name) => join(folder, name)))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (made.length === 0) throw new Remedy(`there is no .deb in ${targetDir}`, 'Make one with `npm run package -- --bundles deb`.');
  return made[0];
}

function check() {
  if (process.platform !== 'linux') throw new Remedy('a Debian package is tried on Linux', 'Run this on Debian or Ubuntu.');
  if (process.getuid() !== 0) {
    throw new Remedy('only root can make a Debian in a folder and mount in it', 'Run: sudo env HOME="$HOME" PATH="$PATH" npm run package:try');
  }
  for (const [program, name] of [['debootstrap', 'debootstrap'], ['Xvfb', 'xvfb'], ['unshare', 'util-linux']]) {
    if (!which(program)) throw new Remedy(`${program} is not installed`, `Run: apt-get install ${name}`);
  }
  if (!existsSync(models)) throw new Remedy(`there are no models in ${models}`, 'Run `npm run setup`.');
}

/** A folder of its own, and a namespace of mounts and processes that ends with the trial, however that ends. */
function outside() {
  check();
  const folder = values.in ? resolve(values.in, '..') : mkdtempSync(join(tmpdir(), 'footnote-try-'));
  try {
    const args = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', process.execPath, import.meta.filename,
      chosen(), '--inside', folder, '--mirror', values.mirror];
    return spawnSync('unshare', args, { stdio: 'inherit', env: { ...process.env, FOOTNOTE_MODELS: models } }).status ?? 1;
  } finally {
    // Nothing is mounted there any more.
    if (values.keep || values.in) note(`kept: ${folder}/debian`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until `probe` gives something. */
async function until(what, limit, probe) {
  for (const end = Date.now() + limit * 1000; Date.now() < end; await sleep(100)) {
    const found = probe();
    if (found) return found;
  }
  throw new Error(`waited ${limit} s for ${what}`);
}

/** Memory of all processes of the inside that run as its user, shared pages counted by share. */
function memory(debian) {
  return readdirSync(debian.at('proc')).filter((name) => /^\d+$/.test(name)).reduce((sum, pid) => {
    try {
      const command = readFileSync(debian.at(`proc/${pid}/cmdline`), 'utf8').split('\0')[0];
      if (!/footnote|WebKit/.test(command)) return sum;
      return sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(debian.at(`proc/${pid}/smaps_rollup`), 'utf8'))[1]) * 1024;
    } catch {
      return sum; // It has ended.
    }
  }, 0);
}

/** Names of the libraries that programs and libraries are linked with and that are not there. */
function missing(debian, files, env = {}) {
  return files.flatMap((file) => debian.run(['ldd', file], { env }).out.split('\n').filter((line) => line.includes('not found')).map((line) => `${file}: ${line.trim()}`));
}

function holdsLicences(path) {
  const licences = readFileSync(path, 'utf8');
  for (const name of ['ONNX Runtime', 'lancedb', 'tauri', 'svelte']) assert.ok(licences.includes(`\n${name} `), `${name} is not in THIRD-PARTY.txt`);
  // What ONNX Runtime is made of.
  for (const name of ['protobuf', 'mbedtls', 'curl']) assert.match(licences, new RegExp(name, 'i'), `${name} is not in THIRD-PARTY.txt`);
}

function installed(debian, deb) {
  cpSync(deb, debian.at(`root/${basename(deb)}`));
  debian.must(['apt-get', 'update', '-q']);
  debian.run(['apt-get', 'purge', '-y', 'footnote']);
  debian.install(`/root/${basename(deb)}`);
  const [version, size] = debian.must(['dpkg-query', '-W', '-f=${Version}\\n${Installed-Size}', 'footnote']).split('\n');
  note(`Footnote ${version}: ${bytes(statSync(deb).size)} to fetch, ${bytes(Number(size) * 1024)} installed`);
  const files = debian.must(['dpkg', '-L', 'footnote']).split('\n').filter((path) => statSync(debian.at(path)).isFile());
  for (const wanted of [/^\/usr\/bin\/footnote$/, /^\/usr\/bin\/footnote-desktop$/, /^\/usr\/lib\/footnote\/runtime\/libonnxruntime\.so/, /THIRD-PARTY\.txt$/,
    /^\/usr\/share\/doc\/footnote\/copyright$/, /\.desktop$/, /\.metainfo\.xml$/, /icons\/hicolor\/512x512\//, /icons\/hicolor\/scalable\//, /bash-completion/]) {
    assert.ok(files.some((path) => wanted.test(path)), `nothing in the package is ${wanted}`);
  }
  holdsLicences(debian.at('usr/share/doc/footnote/THIRD-PARTY.txt'));
  assert.deepEqual(missing(debian, files.filter((path) => /^\/usr\/bin\/|\.so/.test(path))), []);
  note(`${files.length} files; every library they are linked with is there`);
  return files;
}

/** Puts an AppImage into the user's folder, beside what is in it. Gives the command that starts it, and the program in it. */
function placed(debian, file) {
  debian.must(['apt-get', 'update', '-q']);
  debian.install(...DESKTOP);
  const home = debian.at(debian.home);
  cpSync(file, join(home, basename(file)));
  const start = `${debian.home}/${basename(file)}`;
  debian.must(['sh', '-c', `chmod 755 ${start}; chown reader: ${start}`]);
  debian.must([start, '--appimage-extract'], { asUser: true });
  const inside = (path) => `${debian.home}/${UNPACKED}/${path}`;
  note(`${basename(file)}: ${bytes(statSync(file).size)}`);
  for (const wanted of ['usr/bin/footnote-desktop', 'usr/share/metainfo/app.footnote.desktop.metainfo.xml', 'usr/share/doc/footnote/copyright']) {
    assert.ok(existsSync(debian.at(inside(wanted))), `${wanted} is not in it`);
  }
  holdsLicences(debian.at(inside('usr/share/doc/footnote/THIRD-PARTY.txt')));
  const linked = debian.must(['find', inside('usr'), '-name', '*.so*', '-type', 'f', '-o', '-path', '*/bin/footnote*', '-o', '-name', 'WebKit*Process']).split('\n');
  const env = { LD_LIBRARY_PATH: `${inside('usr/lib')}:${inside('usr/lib/x86_64-linux-gnu')}` };
  assert.deepEqual(missing(debian, linked, env), []);
  note(`${linked.length} programs and libraries; all they are linked with is in it, or is what every desktop has`);
  return { start, program: inside('AppRun') };
}

function commanded(debian) {
  const footnote = (...args) => debian.must(['footnote', ...args], { asUser: true, env: { FOOTNOTE_OFFLINE: '1' } });
  note(footnote('--version'));
  const doctor = footnote('doctor');
  assert.match(doctor, /✓ runtime .*\/lib\/footnote\/runtime\/libonnxruntime/);
  assert.match(doctor, /✓ reader .*other files, the network, other programs/);
  note('the library is the package\'s own; the reader of files reaches no other file, network or program');
  footnote('add', `${SAMPLE}/lighthouse-handbook.pdf`, `${SAMPLE}/rental-agreement.docx`);
  const documents = JSON.parse(footnote('documents', 'list', '--json').split('\n').at(-1));
  assert.equal(documents.documents.length, 2);
  const question = readFileSync(join(root, 'assets', 'sample-question.txt'), 'utf8').trim();
  const answer = JSON.parse(footnote('ask', question, '--json').split('\n').at(-1));
  assert.ok(!answer.abstained && answer.citations.length > 0, `no cited answer: ${JSON.stringify(answer)}`);
  note(`"${question}" "${answer.answer.trim()}" (${basename(answer.citations[0].path)}, page ${answer.citations[0].page}; first token after ${seconds(answer.timings_ms.first_token ?? answer.timings_ms.total)})`);
}

/** The window with nothing there but what the package asks for: no session bus, no fonts, no window manager. Gives the bytes that an
 *  optimised one has in memory at rest. */
async function opened(debian, file, start = 'footnote-desktop') {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const display = `:${String(await new Promise((done) => screen.stdio[3].once('data', done))).trim()}`;
  // The second variable: without FUSE, as here, an AppImage unpacks itself at each start.
  const env = { DISPLAY: display, APPIMAGE_EXTRACT_AND_RUN: '1', FOOTNOTE_OFFLINE: '1', WEBKIT_DISABLE_DMABUF_RENDERER: '1' };
  const window = debian.start([start], env);
  try {
    const log = debian.at(`${debian.home}/${DATA}/footnote.log`);
    await until('the window to take the data folder', 60, () => existsSync(debian.at(`${debian.home}/${DATA}/footnote.sock`)));
    const again = debian.run([start, `${SAMPLE}/lab-protocol.md`], { asUser: true, env });
    assert.equal(again.code, 0, `a second start: ${again.err}`);
    await sleep(20_000);
    assert.equal(window.exitCode, null, `the window has ended; its log says\n${existsSync(log) ? readFileSync(log, 'utf8').slice(-3000) : '(nothing)'}`);
    const used = memory(debian);
    // Programs of the dev profile are three times as large, and that much more of them is in memory.
    const optimised = file.includes('/release/');
    note(`the window stands and heard a second start; at rest ${bytes(used)} in all its processes, no model loaded${optimised ? '' : ' (not a release build: no limit)'}`);
    return optimised ? used : 0;
  } finally {
    window.kill();
    await new Promise((done) => (window.exitCode === null && window.signalCode === null ? window.once('exit', done) : done()));
    screen.kill();
  }
}

/** The desktop test's journey, driven through WebDriver: drop a PDF, ask, open the citation, restart, kill, go on. */
function driven(debian, program = '/usr/bin/footnote-desktop') {
  debian.install('webkit2gtk-driver', 'xvfb', 'xauth', 'dbus-x11');
  const told = debian.must(['xvfb-run', '-a', 'dbus-run-session', '--', '/opt/node', '/opt/footnote/tests/desktop/run.mjs', 'journey'],
    { asUser: true, env: { FOOTNOTE_DESKTOP: program } });
  for (const line of told.split('\n')) note(line);
}

/** The entries for menus and software catalogues. */
function registered(debian) {
  debian.install('desktop-file-utils', 'appstream');
  debian.must(['desktop-file-validate', '/usr/share/applications/Footnote.desktop']);
  debian.must(['appstreamcli', 'validate', '--no-net', '/usr/share/metainfo/app.footnote.desktop.metainfo.xml']);
  debian.must(['update-desktop-database']);
  const handlers = readFileSync(debian.at('usr/share/applications/mimeinfo.cache'), 'utf8');
  for (const kind of ['x-scheme-handler/footnote', 'application/pdf']) assert.match(handlers, new RegExp(`^${kind}=Footnote\\.desktop`, 'm'));
  note('links to footnote: and documents are registered for it');
}

/** Removal takes all that is the package's, and nothing that is the user's. */
function removed(debian, files) {
  const library = () => debian.must(['sh', '-c', `cd ${debian.home} && find . -type f ! -name '*.log' -exec sha256sum {} + | sort -k2`]);
  const before = library();
  assert.match(before, /ledger\.sqlite/);
  debian.must(['apt-get', 'purge', '-y', '-q', 'footnote'], { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  assert.deepEqual(files.filter((path) => existsSync(debian.at(path))), []);
  const left = debian.must(['find', '/usr', '/etc', '/var/lib/dpkg/info', '-iname', '*footnote*', '-not', '-path', '/usr/share/help/*']);
  assert.equal(left, '');
  assert.equal(library(), before);
  note('nothing of it is left in /usr and /etc; the library and its settings are as they were');
}

async function inside(folder) {
  const began = performance.now();
  const [file] = positionals;
  const debian = new Chroot(join(folder, 'debian'));
  step(`Making a fresh Debian 12 in ${debian.path}`);
  debian.make(values.mirror);
  debian.show(models, '/opt/models');
  // Where the programs look for them, in folders that are the user's own, with what says that they were verified.
  debian.must(['sh', '-c', `mkdir -p .cache/footnote && cd .cache/footnote && cp -rs /opt/models models && find models -name '*.verified' |
    while read -r stamp; do cp --remove-destination -p "/opt/$stamp" "$stamp"; done && chown -hR reader: ${debian.home}/.cache`], { folder: debian.home });
  debian.show(process.execPath, '/opt/node', true);
  for (const part of ['assets', 'tests']) debian.show(join(root, part), `/opt/footnote/${part}`);
  step(`Installing ${file}`);
  let used;
  if (file.endsWith('.AppImage')) {
    const { start, program } = placed(debian, file);
    step('Opening the window');
    used = await opened(debian, file, start);
    step('Driving the window');
    driven(debian, program);
  } else {
    const files = installed(debian, file);
    step('Using the command as an ordinary user');
    commanded(debian);
    step('Opening the window');
    used = await opened(debian, file);
    step('Driving the window');
    registered(debian);
    driven(debian);
    step('Removing it');
    removed(debian, files);
  }
  // Said last, so that it keeps nobody from knowing the rest.
  if (used > AT_REST) throw new Remedy(`the package works, but has ${bytes(used)} in memory at rest; ${bytes(AT_REST)} are the aim`, 'BENCHMARKS.md says what they consist of.');
  console.log(green(`the package works on a clean Debian 12 (${seconds(performance.now() - began)})`));
  return 0;
}

main(() => (values.inside ? inside(values.inside) : outside()));

// The licences of what a package carries: every crate that is linked in, every npm package in the window's pages, and
// ONNX Runtime.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { cargo, environment, root, targetDir } from './env.mjs';
import { Remedy } from './print.mjs';

const line = '-'.repeat(80);
const isLicence = (name) => /^(licen[cs]e|copying|notice|unlicense|thirdpartynotices)/i.test(name) && !/\.(html|rs|toml|json)$/i.test(name);

/** The licence texts in a package's own folder. */
function texts(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && isLicence(entry.name))
    .map((entry) => readFileSync(join(folder, entry.name), 'utf8').trim());
}

/** The crates that the two programs are linked from, on this system. */
function crates() {
  const [command, ...args] = cargo('tree', '--workspace', '--edges', 'normal', '--prefix', 'none', '--format', '{p}\t{l}');
  const options = { cwd: root, env: environment(), encoding: 'utf8', maxBuffer: 1 << 28 };
  const linked = new Map(
    execFileSync(command, args, options).split('\n').filter(Boolean).map((row) => {
      const [id, licence] = row.split('\t');
      const [name, version] = id.split(' ');
      return [`${name} ${version.slice(1)}`, licence];
    }),
  );
  const metadata = JSON.parse(execFileSync(cargo('metadata')[0], [...cargo('metadata').slice(1), '--format-version', '1', '--locked'], options));
  return metadata.packages
    .filter(({ name, version, source }) => source && linked.has(`${name} ${version}`))
    .map(({ name, version, license, manifest_path }) => ({ name, version, licence: license ?? 'see its text', folder: dirname(manifest_path) }));
}

/** The npm packages that the window's pages are made from. */
function pages() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.dev && !entry.link && !entry.optional && existsSync(join(root, path)))
    .map(([path, entry]) => ({ name: path.split('node_modules/').pop(), version: entry.version, licence: entry.license ?? 'see its text', folder: join(root, path) }));
}

/** All notices as one text. Licence texts that several share stand once, with all their names. */
export function notices() {
  const runtime = JSON.parse(readFileSync(join(root, 'node_modules', 'onnxruntime-node', 'package.json'), 'utf8'));
  // Its npm package has the libraries and none of the notices, so those are kept here, as published with the same version.
  const kept = join(root, 'assets', 'notices', `onnxruntime-${runtime.version}`);
  if (!existsSync(kept)) {
    throw new Remedy(`the notices of ONNX Runtime ${runtime.version} are not in ${kept}`,
      'Put LICENSE and ThirdPartyNotices.txt of that version there, from its sources or from the Python package onnxruntime.');
  }
  const parts = [
    ...crates(),
    ...pages(),
    { name: 'ONNX Runtime', version: runtime.version, licence: runtime.license, folder: kept },
  ].sort((a, b) => a.name.localeCompare(b.name));
  const sharing = new Map();
  for (const part of parts) {
    for (const text of texts(part.folder)) sharing.set(text, [...(sharing.get(text) ?? []), `${part.name} ${part.version}`]);
  }
  const list = parts.map(({ name, version, licence }) => `${name} ${version}: ${licence}`).join('\n');
  const full = [...sharing].map(([text, names]) => `${line}\n${[...new Set(names)].join(', ')}\n\n${text}`).join('\n\n');
  return `Footnote contains the following. Models have licences of their own; they are fetched later and named in the window.\n\n${list}\n\n${full}\n`;
}

/** Writes the notices where packages are made and a window of this working copy looks for them; their path. */
export function keepNotices() {
  const path = join(targetDir, 'package', 'THIRD-PARTY.txt');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, notices());
  return path;
}

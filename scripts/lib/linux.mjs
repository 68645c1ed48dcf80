// What a Linux package carries beside the programs: notices in Debian's form, completions, the entry for software
// catalogues, and the exact libraries it needs.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { environment, root } from './env.mjs';
import { note, Remedy } from './print.mjs';
import { ask, which } from './run.mjs';

const workspace = readFileSync(join(root, 'Cargo.toml'), 'utf8');
const field = (name) => new RegExp(`^${name} = "(.+)"`, 'm').exec(workspace)[1];
const version = field('version');
const repository = field('repository');
// Debian wants an address. This one takes no mail; whoever releases packages puts theirs here.
export const maintainer = 'Footnote contributors <footnote-app@users.noreply.github.com>';

/** Debian's machine-readable form; the licence's text is on every Debian system. */
const copyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Footnote
Source: ${repository}
Comment: The programs contain libraries under licences of their own, and ONNX Runtime lies beside them. THIRD-PARTY.txt in this
 folder has their names, licences and notices.

Files: *
Copyright: 2026 Footnote contributors
License: Apache-2.0
 On Debian systems, the full text of the Apache License, version 2.0, is in /usr/share/common-licenses/Apache-2.0.
`;

/** What has changed is told where the versions are. */
function changelog() {
  const day = ask('git', ['log', '-1', '--format=%aD'], { cwd: root });
  const date = day.ok && day.out ? day.out : new Date().toUTCString().replace('GMT', '+0000');
  return `footnote (${version}) stable; urgency=medium\n\n  * What is new in ${version}: ${repository}/releases\n\n -- ${maintainer}  ${date}\n`;
}

/** The packages, with versions, whose libraries these files are linked with; empty where Debian's tool for that is not there. */
export function dependencies(files) {
  if (!which('dpkg-shlibdeps')) {
    note('dpkg-shlibdeps is not there: the .deb names its libraries without versions');
    return [];
  }
  const work = mkdtempSync(join(tmpdir(), 'footnote-package-'));
  try {
    mkdirSync(join(work, 'debian'));
    writeFileSync(join(work, 'debian', 'control'), `Source: footnote\nMaintainer: ${maintainer}\n\nPackage: footnote\nArchitecture: any\nDescription: -\n`);
    const found = ask('dpkg-shlibdeps', ['-O', ...files.map((file) => `-e${file}`)], { cwd: work });
    const list = /^shlibs:Depends=(.+)$/m.exec(found.out)?.[1];
    if (!found.ok || !list) {
      throw new Remedy(`the libraries that the programs need cannot be told: ${found.err}`,
        'Install the system packages again with `npm run setup`; each library must come from a package.');
    }
    return list.split(', ');
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Files of a package, `{ path in it: path here }`; what has to be made is made in `folder`. */
export function files({ folder, programs, runtime, licences }) {
  const command = join(programs, 'footnote');
  const made = (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const completions = (shell) => {
    const script = ask(command, ['completions', shell], { env: environment() });
    if (!script.ok) throw new Remedy(`${command} does not start: ${script.err}`, 'Build it again.');
    return made(`completions.${shell}`, `${script.out}\n`);
  };
  const entry = join(root, 'src-tauri', 'app.footnote.desktop.metainfo.xml');
  if (!readFileSync(entry, 'utf8').includes(`<release version="${version}"`)) {
    throw new Remedy(`${entry} does not have the release ${version}`, 'Add it to its releases, with the date.');
  }
  const files = {
    '/usr/bin/footnote': command,
    // Where the programs look for the library: `crates/onnx/src/library.rs`.
    [`/usr/lib/footnote/runtime/${runtime.split('/').pop()}`]: runtime,
    '/usr/share/bash-completion/completions/footnote': completions('bash'),
    '/usr/share/fish/vendor_completions.d/footnote.fish': completions('fish'),
    '/usr/share/zsh/vendor-completions/_footnote': completions('zsh'),
    '/usr/share/doc/footnote/THIRD-PARTY.txt': licences,
    '/usr/share/doc/footnote/changelog.gz': made('changelog.gz', gzipSync(changelog(), { level: 9 })),
    '/usr/share/doc/footnote/copyright': made('copyright', copyright),
    '/usr/share/icons/hicolor/scalable/apps/footnote-desktop.svg': join(root, 'assets', 'icons', 'icon.svg'),
    '/usr/share/metainfo/app.footnote.desktop.metainfo.xml': entry,
  };
  for (const path of Object.values(files)) if (!existsSync(path)) throw new Remedy(`${path} is missing`, 'Build again.');
  return files;
}

/** What Debian's own check of packages should know. */
export function remarks(folder) {
  const path = join(folder, 'lintian');
  writeFileSync(path, `# Built into ONNX Runtime as its makers publish it; the client is switched off before the library starts.
footnote: embedded-library curl [usr/lib/footnote/runtime/*]
footnote: embedded-library mbedtls [usr/lib/footnote/runtime/*]
# A reader of YAML in Rust that was translated from it.
footnote: embedded-library libyaml [usr/bin/*]
`);
  return { '/usr/share/lintian/overrides/footnote': path };
}

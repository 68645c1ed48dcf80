// What a disk image for macOS and an installer for Windows carry beside the window's program. Where the programs look for
// ONNX Runtime is said in `crates/onnx/src/library.rs`.

import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

import { root } from './env.mjs';
import { Remedy } from './print.mjs';
import { ask } from './run.mjs';

/** What ONNX Runtime for Windows is linked with; a Windows without Visual C++'s package has none of it. */
const VISUAL_CPP = ['msvcp140.dll', 'msvcp140_1.dll', 'msvcp140_atomic_wait.dll', 'vcruntime140.dll', 'vcruntime140_1.dll'];

/** The bundler's settings for the .dmg: command and library lie where they are signed together with the window's program. */
export function macos({ folder, programs, runtime, licences }) {
  const host = /^host: (.+)$/m.exec(ask('rustc', ['-vV'], { cwd: root }).out)?.[1];
  if (!host) throw new Remedy('rustc does not say what it builds for', 'Run `rustc -vV` and read its message.');
  // The bundler knows a program beside the main one by its target, and drops that from its name.
  copyFileSync(join(programs, 'footnote'), join(folder, `footnote-${host}`));
  const identity = process.env.APPLE_SIGNING_IDENTITY;
  return {
    externalBin: [join(folder, 'footnote')],
    resources: { [licences]: 'THIRD-PARTY.txt' },
    // Without an identity of Apple's the app is signed as nobody's, or it would count as damaged; and then the hardened
    // runtime would refuse the library, because nobody's signature has no team.
    macOS: { frameworks: [runtime], signingIdentity: identity ?? '-', hardenedRuntime: Boolean(identity) },
  };
}

/** The bundler's settings for the .msi. All libraries lie beside the programs: Windows looks for what one needs there, and not beside it. */
export function windows({ programs, runtime, licences }) {
  const folder = join(runtime, '..');
  const libraries = readdirSync(folder).filter((name) => name.toLowerCase().endsWith('.dll')).map((name) => join(folder, name));
  return {
    resources: Object.fromEntries([
      [licences, 'THIRD-PARTY.txt'],
      ...[join(programs, 'footnote.exe'), ...libraries, ...visualCpp()].map((path) => [path, basename(path)]),
    ]),
  };
}

/** The libraries of Visual C++ that may be handed on, of the newest version that is installed. */
function visualCpp() {
  const vswhere = join(process.env['ProgramFiles(x86)'] ?? '', 'Microsoft Visual Studio', 'Installer', 'vswhere.exe');
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const found = existsSync(vswhere)
    ? ask(vswhere, ['-latest', '-products', '*', '-find', `VC\\Redist\\MSVC\\**\\${arch}\\Microsoft.VC*.CRT\\*.dll`]).out.split(/\r?\n/)
    : [];
  return VISUAL_CPP.map((name) => {
    // Not those for stores and for hardened programs, which lie below folders of their own.
    const path = found.filter((candidate) => candidate.trim().toLowerCase().endsWith(`.crt\\${name}`) && /\\MSVC\\[\d.]+\\[^\\]+\\[^\\]+\\[^\\]+$/.test(candidate.trim())).sort().at(-1);
    if (!path) throw new Remedy(`${name}, which ONNX Runtime needs, is not among Visual Studio's redistributable files`,
      'Install the component "C++ redistributable" with the Visual Studio Installer.');
    return path.trim();
  });
}

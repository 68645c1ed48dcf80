// npm run package: an installer for this system, with ONNX Runtime and all licences inside.
//   npm run package -- --dev              from the programs that `npm start` builds: quick, and slower to run
//   npm run package -- --bundles deb      only these kinds

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { environment, root, runtimeLibrary, targetDir } from './lib/env.mjs';
import { macos, windows } from './lib/installers.mjs';
import * as linux from './lib/linux.mjs';
import { main, note, Remedy, step } from './lib/print.mjs';
import { keepNotices } from './lib/notices.mjs';
import { must, npm } from './lib/run.mjs';
import { build, npmPackages, onnxRuntime, windowPages } from './lib/steps.mjs';
import { checkNode, checkRust, systemLibraries } from './lib/system.mjs';

// Fetched when a package is made, and not with every set-up: nothing else needs it.
const bundler = '@tauri-apps/cli@2.12.5';
const kinds = { linux: 'deb,appimage', darwin: 'dmg', win32: 'msi' };
const { values } = parseArgs({ options: { dev: { type: 'boolean', default: false }, bundles: { type: 'string' } } });

/** What goes into the package beside the window's program, and what it needs of the system. */
function contents(programs, folder, licences) {
  const runtime = runtimeLibrary();
  if (!runtime) throw new Remedy('the ONNX Runtime library is not in runtime/', 'Run `npm run setup`.');
  if (process.platform === 'darwin') return macos({ folder, programs, runtime, licences });
  if (process.platform === 'win32') return windows({ programs, runtime, licences });
  const files = linux.files({ folder, programs, runtime, licences });
  const depends = linux.dependencies([join(programs, 'footnote-desktop'), join(programs, 'footnote'), runtime]);
  return {
    publisher: linux.maintainer,
    linux: { deb: { files: { ...files, ...linux.remarks(folder) }, depends, recommends: ['xdg-utils'], section: 'text' }, appimage: { files } },
  };
}

main(async () => {
  const bundles = (values.bundles ?? kinds[process.platform] ?? '').split(',').filter(Boolean);
  if (bundles.length === 0) throw new Remedy(`there is no package for ${process.platform}`, 'Build with `npm start` instead.');
  step('Checking tools and libraries');
  checkNode();
  checkRust({ forTests: false });
  await systemLibraries({ forTests: false });
  await npmPackages();
  onnxRuntime();
  await windowPages();
  const profile = values.dev ? 'debug' : 'release';
  await build('Footnote', [...(values.dev ? [] : ['--release']), '--workspace', '--bin', 'footnote-desktop', '--bin', 'footnote']);

  step('Collecting licences');
  const folder = join(targetDir, 'package');
  mkdirSync(folder, { recursive: true });
  const licences = keepNotices();
  note(licences);

  const config = join(folder, 'tauri.json');
  writeFileSync(config, JSON.stringify({ bundle: contents(join(targetDir, profile), folder, licences) }));
  for (const kind of bundles) {
    step(`Making the ${kind}`);
    const [command, ...args] = npm('exec', '--yes', '--package', bundler, '--', 'tauri', 'bundle', '--bundles', kind, '--config', config,
      ...(values.dev ? ['--debug'] : []));
    await must(command, args, { cwd: join(root, 'src-tauri'), env: environment({ CARGO_TARGET_DIR: targetDir }) },
      `the ${kind} could not be made`,
      kind === 'appimage' ? 'Its tools are downloaded from github.com the first time and kept in ~/.cache/tauri; where that cannot be reached, `-- --bundles deb` makes the .deb alone.' : 'Read the message above.');
    const made = join(targetDir, profile, 'bundle', kind);
    for (const name of readdirSync(made).filter((entry) => entry.endsWith(`.${kind === 'appimage' ? 'AppImage' : kind}`))) note(join(made, name));
  }
  return 0;
});

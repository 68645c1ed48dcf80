// npm run bindings: writes the UI's generated types and commands anew.

import { built, cargo, environment } from './lib/env.mjs';
import { main } from './lib/print.mjs';
import { run } from './lib/run.mjs';

// The whole workspace is named, since cargo would build other features of the same crates for one
// program alone.
const [command, ...args] = cargo('build', '--quiet', '--workspace', '--bin', 'export-bindings');
main(async () => (await run(command, args, { env: environment() })) || run(built('export-bindings'), [], { env: environment() }));

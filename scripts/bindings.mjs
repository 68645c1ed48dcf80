// npm run bindings: writes the UI's generated types and commands anew.

import { built, cargo, environment } from './lib/env.mjs';
import { main } from './lib/print.mjs';
import { run } from './lib/run.mjs';

// All targets of the whole workspace, as the checks build them: for one program alone cargo would choose other
// features of the same crates and build them twice.
const [command, ...args] = cargo('build', '--quiet', '--workspace', '--all-targets');
main(async () => (await run(command, args, { env: environment() })) || run(built('examples/export-bindings'), [], { env: environment() }));

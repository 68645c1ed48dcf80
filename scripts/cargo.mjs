// npm run cargo -- ARGS: cargo with this project's target folder, linker and ONNX Runtime.

import { cargo, environment } from './lib/env.mjs';
import { main } from './lib/print.mjs';
import { run } from './lib/run.mjs';

const [command, ...args] = cargo(...process.argv.slice(2));
main(() => run(command, args, { env: environment() }));

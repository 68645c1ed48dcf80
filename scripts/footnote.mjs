// npm run footnote -- ARGS: the command line, built if need be.

import { built, cargo, environment, root } from './lib/env.mjs';
import { main, Remedy } from './lib/print.mjs';
import { ask, run } from './lib/run.mjs';

main(async () => {
  // Quiet while it works: the program's own output may be piped.
  const [command, ...args] = cargo('build', '--quiet', '--workspace', '--bin', 'footnote');
  const done = ask(command, args, { cwd: root, env: environment(), stdio: ['ignore', 'inherit', 'inherit'] });
  if (!done.ok) throw new Remedy('footnote did not build', 'Run `npm start` once; it sets up what the build needs.');
  return run(built('footnote'), process.argv.slice(2), { env: environment(), cwd: process.env.INIT_CWD });
});

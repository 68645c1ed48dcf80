// npm run setup: everything `npm start` does before it builds and opens the window.

import { main } from './lib/print.mjs';
import { setUp } from './lib/steps.mjs';

main(() => setUp({ forTests: process.argv.includes('--tests') }));

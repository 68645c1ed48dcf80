// npm run notices: the licences of all libraries, as a package carries them, where a window of this working copy finds them.

import { keepNotices } from './lib/notices.mjs';
import { main, note, step } from './lib/print.mjs';

main(() => {
  step('Collecting licences');
  note(keepNotices());
  return 0;
});

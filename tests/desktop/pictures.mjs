// The README's pictures: the real window over the sample documents, with a real answer.
//
//   xvfb-run -a -s '-screen 0 1400x1000x24' node tests/desktop/pictures.mjs
//
// The variables are those of run.mjs; the pictures go to docs/pictures.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startDriver, until } from './driver.mjs';
import { clear, dir, ENTER, env, invoke, open, quit, ready, root, session } from './harness.mjs';

const pictures = join(root, 'docs', 'pictures');
const question = readFileSync(join(root, 'assets', 'sample-question.txt'), 'utf8').trim();
const counted = 'Which documents mention the lamp?';

const samples = join(dir('home'), 'Documents');
cpSync(join(root, 'assets', 'samples'), samples, { recursive: true });
mkdirSync(pictures, { recursive: true });

const driver = await startDriver(env);
try {
  await open(driver);
  const picture = async (name) => {
    await sleep(700);
    writeFileSync(join(pictures, `${name}.png`), await session.screenshot());
    process.stdout.write(`docs/pictures/${name}.png\n`);
  };
  const theme = (name) => session.run(`(name) => { document.documentElement.dataset.theme = name; }`, name);
  const ask = async (text) => {
    const [field] = await until('the question field', 20, () => session.find('#question').then((found) => found.length && found));
    const done = (await session.find('article')).length;
    await session.click(field);
    await session.type(field, text + ENTER);
    await until('the answer', 300, async () => {
      const articles = await session.run(`() => [...document.querySelectorAll('article')].map((a) => a.getAttribute('aria-busy'))`);
      return articles.length > done && articles.every((busy) => busy !== 'true');
    });
  };
  await ready();
  await picture('first-run');
  await session.runAsync(`async (paths) => {
    const done = new Promise((resolve) => {
      const id = window.__TAURI_INTERNALS__.transformCallback(({ message }) => message?.event === 'finished' && resolve());
      void window.__TAURI_INTERNALS__.invoke('add_paths', { paths, except: [], collection: 'default', onEvent: '__CHANNEL__:' + id });
    });
    await done;
  }`, [samples]);
  await ask(question);
  await session.click((await until('a citation', 20, () => session.find('.answer button[data-key]').then((found) => found.length && found)))[0]);
  await sleep(2500);
  await picture('answer');
  await theme('dark');
  await picture('answer-dark');
  await theme('light');
  await ask(counted);
  await picture('counted');
  await quit();
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error.stack ?? error}\n`);
  if (session) {
    process.stderr.write(`${await session.run('() => document.body.innerText').catch(() => '')}\n`);
    await session.close().catch(() => {});
  }
} finally {
  driver.stop();
  clear();
}

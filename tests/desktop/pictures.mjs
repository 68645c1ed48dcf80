// The README's pictures: the real window over the sample documents, with a real answer.
//
//   xvfb-run -a -s '-screen 0 1400x1000x24' node tests/desktop/pictures.mjs
//
// The variables are those of run.mjs; the pictures go to docs/pictures.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Session, startDriver, until } from './driver.mjs';

const root = resolve(import.meta.dirname, '../..');
const target = process.env.CARGO_TARGET_DIR ?? join(homedir(), '.cache', 'footnote', 'target');
const binary = resolve(process.env.FOOTNOTE_DESKTOP ?? join(target, 'debug', 'footnote-desktop'));
const pictures = join(root, 'docs', 'pictures');
const ENTER = '\uE007';
const question = readFileSync(join(root, 'assets', 'sample-question.txt'), 'utf8').trim();
const counted = 'Which documents mention the lamp?';

const work = mkdtempSync(join(tmpdir(), 'footnote-pictures-'));
const samples = join(work, 'Documents');
cpSync(join(root, 'assets', 'samples'), samples, { recursive: true });
mkdirSync(pictures, { recursive: true });
const env = {
  ...process.env,
  HOME: work,
  XDG_DATA_HOME: join(work, 'data'),
  XDG_CONFIG_HOME: join(work, 'config'),
  XDG_CACHE_HOME: join(work, 'cache'),
  FOOTNOTE_MODELS: process.env.FOOTNOTE_MODELS || join(homedir(), '.cache', 'footnote', 'models'),
  FOOTNOTE_OFFLINE: '1',
  TAURI_AUTOMATION: 'true',
  TAURI_WEBVIEW_AUTOMATION: 'true',
  WEBKIT_DISABLE_DMABUF_RENDERER: '1',
};
if (!env.FOOTNOTE_ORT_LIBRARY && existsSync(join(root, 'runtime'))) env.FOOTNOTE_ORT_LIBRARY = join(root, 'runtime');

const driver = await startDriver(env);
let session;
try {
  session = await Session.open(driver.base, binary, ['--data-dir', join(work, 'index')]);
  const invoke = (command, args = {}) =>
    session.runAsync('(command, args) => window.__TAURI_INTERNALS__.invoke(command, args)', command, args);
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
  await until('the engine', 600, async () => (await invoke('status')).state === 'ready');
  await picture('first-run');
  await session.runAsync(`async (paths) => {
    const done = new Promise((resolve) => {
      const id = window.__TAURI_INTERNALS__.transformCallback(({ message }) => message?.event === 'finished' && resolve());
      void window.__TAURI_INTERNALS__.invoke('add_paths', { paths, except: [], onEvent: '__CHANNEL__:' + id });
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
  await session.close();
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error.stack ?? error}\n`);
  if (session) {
    writeFileSync(join(work, 'failed.png'), await session.screenshot().catch(() => Buffer.alloc(0)));
    process.stderr.write(`${await session.run('() => document.body.innerText').catch(() => '')}\n`);
    await session.close().catch(() => {});
  }
} finally {
  driver.stop();
  rmSync(work, { recursive: true, force: true });
}

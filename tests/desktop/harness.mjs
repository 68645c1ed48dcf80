// What the tests of the window share: the program with folders of its own, and the window under the driver's control.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { Session, until } from './driver.mjs';

/** Keys, as WebDriver writes them. */
export const [RELEASED, BACKSPACE, ENTER, SHIFT, CONTROL, ESCAPE, HOME, RIGHT] =
  ['\uE000', '\uE003', '\uE007', '\uE008', '\uE009', '\uE00C', '\uE011', '\uE014'];

/** The project. */
export const root = resolve(import.meta.dirname, '../..');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
/** The program. */
export const binary = resolve(process.env.FOOTNOTE_DESKTOP ?? join(target, 'debug', 'footnote-desktop'));
/** Where the models are. */
export const models = resolve(
  process.env.FOOTNOTE_MODELS || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'footnote', 'models'));
const shots = process.env.FOOTNOTE_SHOTS && resolve(process.env.FOOTNOTE_SHOTS);
const runtime = join(root, 'runtime');

const work = mkdtempSync(join(tmpdir(), 'footnote-desktop-'));
/** A folder of this test's own. */
export const dir = (name) => {
  const path = join(work, name);
  mkdirSync(path, { recursive: true });
  return path;
};
/** The models, in a folder of this test's own: what it imports must not be among the user's, and lies beside what was converted. */
const shelf = dir('models');
const prepared = join(models, 'prepared');
for (const name of readdirSync(models)) if (name !== 'prepared') symlinkSync(join(models, name), join(shelf, name));
for (const entry of existsSync(prepared) ? readdirSync(prepared, { withFileTypes: true }) : []) {
  const [from, to] = [join(prepared, entry.name), join(dir('models/prepared'), entry.name)];
  // Converted models are only read; the lists of what there is are written to.
  if (entry.isDirectory()) symlinkSync(from, to);
  else cpSync(from, to);
}

/** The program's data folder. */
export const data = dir('data');
/** What the program is started with. */
export const env = {
  ...process.env,
  HOME: dir('home'),
  XDG_DATA_HOME: dir('home/data'),
  XDG_CONFIG_HOME: dir('home/config'),
  XDG_CACHE_HOME: dir('home/cache'),
  FOOTNOTE_MODELS: shelf,
  FOOTNOTE_OFFLINE: '1',
  TAURI_AUTOMATION: 'true',
  TAURI_WEBVIEW_AUTOMATION: 'true',
  // No graphics card under Xvfb.
  WEBKIT_DISABLE_DMABUF_RENDERER: '1',
};
if (!env.FOOTNOTE_ORT_LIBRARY && existsSync(runtime)) env.FOOTNOTE_ORT_LIBRARY = runtime;

export const say = (text) => process.stdout.write(`${text}\n`);
/** The window, while there is one. */
export let session;
let shotNumber = 0;

export async function shot(name) {
  if (!shots || !session) return;
  mkdirSync(shots, { recursive: true });
  shotNumber += 1;
  writeFileSync(join(shots, `${String(shotNumber).padStart(2, '0')}-${name}.png`), await session.screenshot());
}

/** Calls a command as the interface does. */
export const invoke = (command, args = {}) =>
  session.runAsync('(command, args) => window.__TAURI_INTERNALS__.invoke(command, args)', command, args);

export const only = (found, what) => {
  assert.ok(found.length > 0, `there is no ${what}`);
  return found[0];
};

/** Whether the window shows this text. */
export const says = async (text) => (await session.run('() => document.body.innerText')).includes(text);

// Sought in the page and by one call: what is found by one and looked at by another may have moved meanwhile.
const labelled = (selector, words, whole) =>
  until(`${selector} "${words}${whole ? '' : '…'}"`, 15, () =>
    session.one(`(selector, words, whole) => [...document.querySelectorAll(selector)].find((element) => {
      const label = (element.ariaLabel ?? element.innerText).trim();
      return whole ? label === words : label.startsWith(words);
    })`, selector, words, whole));
/** The element with this label or these words, as soon as it is there. */
export const named = (selector, words) => labelled(selector, words, true);
/** The element whose label or words begin so. */
export const like = (selector, words) => labelled(selector, words, false);

/** A key with Control, wherever the focus is. */
export const control = async (key) => {
  const [body] = await session.find('body');
  await session.type(body, CONTROL + key + RELEASED);
};

/** The question field gets the words and Enter. */
export async function ask(question) {
  const field = only(await session.find('#question'), 'question field');
  await session.click(field);
  await session.type(field, question + ENTER);
}

/** The turns of the chat that was used last. */
export async function turns() {
  const [conversation] = await invoke('list_conversations');
  return conversation ? invoke('conversation_turns', { conversation: conversation.id }) : [];
}

/** The `count`th turn of the chat, once it is kept and the window shows that it is done. */
export async function answered(count) {
  const found = await until(`turn ${count}`, 300, async () => {
    const all = await turns();
    return all.length >= count && all;
  });
  await until('the way to ask again', 20, async () => (await session.find('form button[type="submit"]')).length > 0);
  return found[count - 1];
}

/** Opens the window; fails if the page breaks the content security policy or throws. */
export async function open(driver) {
  const started = Date.now();
  session = await Session.open(driver.base, binary, ['--data-dir', data]);
  await until('the window', 20, async () => (await session.find('#question, h1, h2')).length > 0);
  const usable = Date.now() - started;
  await session.run(`() => {
    window.complaints = [];
    document.addEventListener('securitypolicyviolation', (e) => window.complaints.push('policy: ' + e.violatedDirective + ' ' + e.blockedURI));
    window.addEventListener('error', (e) => window.complaints.push('error: ' + e.message));
    window.addEventListener('unhandledrejection', (e) => window.complaints.push('rejection: ' + (e.reason?.message ?? e.reason)));
  }`);
  return usable;
}

/** The converted generator may have to be made first. */
export async function ready() {
  await until('the engine', 600, async () => {
    const status = await invoke('status');
    if (status.state === 'failed') assert.fail(`the engine failed: ${status.error.message}. ${status.error.hint}`);
    assert.notEqual(status.state, 'needs_models', `models are missing in ${models}; fetch them first`);
    return status.state === 'ready';
  }).catch((error) => {
    throw error.cause?.code === 'ERR_ASSERTION' ? error.cause : error;
  });
  return invoke('status');
}

/** Processes of the program that use this test's data folder. */
export function running() {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const [program, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return program === binary && args.includes(data);
    } catch {
      return false;
    }
  });
}

export async function quit() {
  await session.close();
  session = undefined;
  await until('the program to end', 10, () => running().length === 0);
}

/** Starts the program again beside the window, as a desktop does with files and links; its exit code. */
export async function startAgain(...args) {
  const [code] = await once(spawn(binary, ['--data-dir', data, ...args], { env, stdio: 'inherit' }), 'exit');
  return code;
}

/** Leaves nothing behind. */
export function clear() {
  for (const pid of running()) process.kill(Number(pid));
  rmSync(work, { recursive: true, force: true });
}

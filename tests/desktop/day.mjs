// A working day: thirty files of all kinds, questions, a stop, a document that goes, a model that comes, other looks.

import assert from 'node:assert/strict';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { until } from './driver.mjs';
import {
  answered, ask, control, data, dir, ENTER, ESCAPE, invoke, named, only, open, quit, ready, root, say, says, session, shot, startAgain, turns,
} from './harness.mjs';

const MANUAL = 'espresso-manual.html';
const QUESTION = 'How often should the Corvo 2 be descaled?';
const FOLLOW_UP = 'Which acid is used for it?';

/** Twenty-five documents of the project's own questions, and five that are notes, code, data, a copy and a broken file. */
function mixedFiles() {
  const inbox = dir('inbox');
  const own = join(root, 'tests/eval/own/documents');
  for (const name of readdirSync(own)) cpSync(join(own, name), join(inbox, name));
  const write = (name, text) => writeFileSync(join(inbox, name), text);
  write('shopping 買い物.txt', 'Rice, tea and 牛乳 for the week.\n');
  write('tide.py', 'def height(hours):\n    """Height of the tide in metres."""\n    return 2.4 + hours\n');
  write('stations.json', JSON.stringify([{ name: 'Skerra', height: 12 }, { name: 'Aldermere', height: 340 }]));
  write('short.md', '# Short\n\nThe ferry leaves at ten.\n');
  write('torn.pdf', '%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\n');
  return readdirSync(inbox).map((name) => join(inbox, name));
}

async function filled() {
  const paths = mixedFiles();
  assert.equal(paths.length, 30);
  assert.equal(await startAgain(...paths), 0);
  await until('the offer to add the files', 20, () => says(`Add ${paths.length} files?`));
  await shot('thirty-offered');
  const began = Date.now();
  await session.click(only(await session.find('dialog button.primary'), '"Add"'));
  const failed = await until('all files to be dealt with', 300, async () => {
    const [jobs, documents] = [await invoke('list_jobs'), await invoke('list_documents')];
    const failed = jobs.filter((job) => job.status === 'failed');
    return failed.length + documents.length === paths.length && failed;
  });
  assert.deepEqual(failed.map((job) => job.path), paths.filter((path) => path.endsWith('torn.pdf')));
  assert.ok(failed[0].error.hint, 'the broken file comes without a remedy');
  await until('the broken file in the window', 10, () => says('torn.pdf'));
  // In the window's own words, which it has for this problem in every language.
  await until('its remedy', 10, () => says('Open it in the program it came from and save it again'));
  await shot('thirty-read');
  say(`${paths.length - 1} of 30 mixed files read in ${((Date.now() - began) / 1000).toFixed(1)} s, the broken one told`);
}

async function talk() {
  await ask(QUESTION);
  const first = await answered(1);
  assert.match(first.answer.answer, /200 cups/, `answered: ${first.answer.answer}`);
  // By keyboard: to the marker, into the source, and back.
  const marker = only(await session.find('.answer button[data-key]'), 'citation');
  await session.run('() => document.querySelector(".answer button[data-key]").focus()');
  await session.type(marker, ENTER);
  await until('the manual beside the answer', 20, async () => (await session.find('mark, .highlight, .cited')).length > 0 && says(MANUAL));
  await shot('cited');
  await session.type(only(await session.find('body'), 'page'), ESCAPE);
  await until('the focus on the marker again', 10, () =>
    session.run('() => document.activeElement?.matches(".answer button[data-key]") ?? false'));

  await ask(FOLLOW_UP);
  const second = await answered(2);
  assert.equal(second.conversation, first.conversation, 'the follow-up is in another chat');
  assert.match(second.answer.trace.query, /Corvo|descal/i, `searched for: ${second.answer.trace.query}`);
  await shot('followed-up');
  say(`follow-up searched as "${second.answer.trace.query}": ${second.answer.answer}`);
  return first;
}

/** Stopping keeps what is there, and says so. */
async function stopped() {
  await ask(`Summarize ${MANUAL} in eight sentences`);
  await session.click(await named('form button', 'Stop'));
  await until('the stop', 20, () => says('Stopped'));
  await until('the way to ask again', 20, async () => (await session.find('form button[type="submit"]')).length > 0);
  await shot('stopped');
  say('an answer was stopped');
}

/** A removal is undone; what was removed is not answered from. */
async function removed(first) {
  const manual = (await invoke('list_documents')).find(({ path }) => path.endsWith(MANUAL));
  await session.type(only(await session.find('input[type="search"]'), 'filter of the library'), 'espresso');
  const there = async () => (await invoke('list_documents')).some(({ id }) => id === manual.id);
  await session.click(await named('button', `Remove ${MANUAL}`));
  await until('the document to be gone', 30, async () => !(await there()));
  await session.click(await named('button', 'Undo'));
  await until('the document to be back', 30, there);
  await until('its button', 30, async () => (await session.find(`button[aria-label="Remove ${MANUAL}"]`)).length > 0);
  await session.click(await named('button', `Remove ${MANUAL}`));
  await until('the document to be gone again', 30, async () => !(await there()));
  await control('n');
  await ask(QUESTION);
  const again = await until('the answer without the document', 300, async () => {
    const [turn] = await turns();
    return turn && turn.conversation !== first.conversation && turn;
  });
  assert.ok(again.answer.passages.every(({ document }) => document !== manual.id), 'the removed document was found');
  assert.ok(!/200 cups/.test(again.answer.answer), `answered from what was removed: ${again.answer.answer}`);
  await shot('asked-again');
  say(`after the removal: ${again.answer.answer}`);
}

/** A GGUF file becomes a model of the list. */
async function imported() {
  const file = join(root, 'crates/model-import/fuzz/corpus/gguf/qwen2-bpe.gguf');
  // The command that the drop handler and the buttons call; a file dialog cannot be driven from here.
  const id = await session.runAsync(`(path) => {
    const id = window.__TAURI_INTERNALS__.transformCallback(() => {});
    return window.__TAURI_INTERNALS__.invoke('import_model', { path, onEvent: '__CHANNEL__:' + id });
  }`, file);
  await control(',');
  await session.click(await named('dialog button', 'Models…').catch(() => named('dialog button', 'Models')));
  await until('the model on its page', 15, () => says('qwen2-bpe'));
  await shot('imported');
  await session.type(only(await session.find('body'), 'page'), ESCAPE);
  await invoke('remove_model', { model: id });
  say(`imported ${id}`);
}

/** Looks and language change at once, and stay. */
async function looks(driver) {
  const theme = () => session.run('() => document.documentElement.dataset.theme');
  const language = () => session.run('() => document.documentElement.lang');
  await control(',');
  await session.click(await named('dialog label', 'Dark'));
  await until('dark colours', 10, async () => (await theme()) === 'dark');
  await session.run(`() => {
    const box = document.querySelector('dialog select');
    box.value = 'de';
    box.dispatchEvent(new Event('change', { bubbles: true }));
  }`);
  await until('German', 10, async () => (await language()) === 'de' && says('Einstellungen'));
  await shot('dark-german');
  assert.deepEqual(await session.run('() => window.complaints'), []);
  await quit();
  await open(driver);
  await ready();
  assert.deepEqual([await theme(), await language()], ['dark', 'de']);
  assert.equal((await invoke('list_documents')).length, 28);
  await shot('kept');
  await quit();
  say('looks and language were kept');
}

export async function day(driver) {
  await open(driver);
  await ready();
  assert.equal((await invoke('list_documents')).length, 0, `${data} is not empty`);
  for (const { id } of await invoke('list_conversations')) await invoke('remove_conversation', { conversation: id });
  await filled();
  const first = await talk();
  await stopped();
  await removed(first);
  await imported();
  await looks(driver);
}

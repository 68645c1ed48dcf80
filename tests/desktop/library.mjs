// A library put in order: what is shown of it, collections, dates, a scanned page, a removal, a watched folder, and the model
// that checks sentences.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { until } from './driver.mjs';
import {
  answered, ask, BACKSPACE, control, data, dir, ENTER, ESCAPE, HOME, invoke, like, named, only, open, quit, ready, RIGHT, root, say, says, session, SHIFT,
  shot, startAgain, turns,
} from './harness.mjs';

const lease = (date, deposit) => `<!doctype html><html lang="en"><head><title>Lease of the boathouse</title><meta name="date" content="${date}"></head>
<body><h1>Lease of the boathouse</h1><p>The landlord lets the boathouse on the north shore to the rowing club.</p>
<p>The deposit for the boathouse is ${deposit} euros. It is paid back within six weeks.</p></body></html>\n`;
const PAPERS = {
  'lease 2021.html': lease('2021-04-12', '2,350'),
  'lease 2024.html': lease('2024-03-22', '3,100'),
  'moorings.md': '# Moorings\n\nEach boat has a mooring of its own. The harbour office keeps the [tide tables](https://harbour.example/tides).\n',
  'oars.txt': 'Oars are varnished in March. '.repeat(400),
  'stock.csv': 'item,count\noars,24\nlife jackets,30\n',
  'tide.py': 'def height(hours):\n    return 2.4 + hours\n',
  'torn.pdf': '%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\n',
};
const REGATTA = {
  'regatta.txt': 'The regatta starts at nine on the second Sunday of July.\nThe entry fee for the regatta is 45 euros a boat.\n',
  'crew.txt': 'The crew of the Heron: Ada, Bo, Cleo and Dag.\n',
};
const DEPOSIT = 'How large is the deposit for the boathouse?';

const write = (folder, files) =>
  Object.entries(files).map(([name, content]) => {
    const path = join(dir(folder), name);
    writeFileSync(path, content);
    return path;
  });
/** Names of the documents that the library shows, in its order. */
const rows = () => session.run('() => [...document.querySelectorAll(".document input")].map((box) => box.ariaLabel.replace("Ask only ", ""))');
const shows = (what, names) =>
  until(what, 15, async () => JSON.stringify(await rows()) === JSON.stringify(names)).catch(async (error) => {
    throw new Error(`${error.message}: shows ${await rows()}`);
  });
/** Keys where the focus is, or for the window if nothing has it. */
const key = async (keys) => session.type(only(await session.find(':focus, body:not(:has(:focus))'), 'focus'), keys);
const document = async (name) => only((await invoke('list_documents')).filter(({ path }) => path.endsWith(`/${name}`)), name);
const announced = (words) =>
  until(`"${words}"`, 15, () => session.run('(words) => document.getElementById("announcer").textContent.includes(words)', words));

/** The answer to the first question of a new chat, once it is kept and the window shows that it is done. */
async function first(question) {
  await until(`the answer to "${question}"`, 300, async () => (await turns())[0]?.question.startsWith(question));
  return answered(1);
}

async function added(paths, title, act = async () => {}) {
  assert.equal(await startAgain(...paths), 0);
  await until(`"${title}"`, 20, () => says(title));
  await act();
  await session.click(only(await session.find('dialog button.primary'), '"Add"'));
}

/** Seven files, one of them broken, are added; two more make a collection; what is shown is narrowed and ordered. */
async function filled() {
  await added(write('papers', PAPERS), 'Add 7 files?');
  await until('the papers', 60, async () => (await invoke('list_documents')).length === 6 && (await invoke('list_jobs')).some(({ status }) => status === 'failed'));
  await added(write('regatta', REGATTA), 'Add 2 files?', async () => {
    await session.type(only(await session.find('dialog select'), 'choice of a collection'), 'New');
    await session.type(only(await session.find('dialog input[type="text"]'), 'name of the collection'), 'Regata');
    await shot('new-collection');
  });
  await until('a second collection', 60, async () => (await invoke('list_documents')).filter(({ collection }) => collection === 'Regata').length === 2);
}

async function narrowed() {
  const all = ['crew.txt', 'lease 2021.html', 'lease 2024.html', 'moorings.md', 'oars.txt', 'regatta.txt', 'stock.csv', 'tide.py'];
  await shows('all documents by name', all);
  const order = only(await session.find('.tools select'), 'order');
  await session.type(order, 'Lar');
  await until('the largest first', 10, async () => (await rows())[0] === 'oars.txt');
  await session.type(order, HOME);
  await shows('all documents by name again', all);
  // By keyboard, as the parts of a menu open beside it.
  await session.click(await named('button', 'Filter'));
  await session.type(await named('[role="menuitem"]', 'Kind'), RIGHT);
  await session.click(await like('[role="menuitemcheckbox"]', 'Web pages'));
  await shows('the web pages', ['lease 2021.html', 'lease 2024.html']);
  await shot('filter');
  await key(ESCAPE);
  await session.click(await named('button', 'Do not filter by Web pages'));
  await shows('all documents without the filter', all);
}

/** Documents go to another collection, it gets another name, and a question is asked of it alone. */
async function collected() {
  for (const name of ['moorings.md']) await session.click(await named('.document input', `Ask only ${name}`));
  await session.click(await named('button', 'Move to collection…'));
  await session.click(only(await session.find('dialog button[type="submit"]'), '"Move"'));
  await announced('1 document moved to “Regata”');
  await session.click(await named('button', 'Ask all'));

  const menu = () => like('button', 'Collection on show');
  await session.click(await menu());
  await session.click(await like('[role="menuitemradio"]', 'Regata'));
  await shows('the collection alone', ['crew.txt', 'moorings.md', 'regatta.txt']);
  await session.click(await menu());
  await session.click(await named('[role="menuitem"]', 'Rename…'));
  await until('the old name to be selected', 10, () =>
    session.run('() => { const { value, selectionStart, selectionEnd } = document.activeElement; return value === "Regata" && selectionEnd - selectionStart === 6; }'));
  // The driver itself puts the caret behind what is selected.
  await key(`${BACKSPACE.repeat(6)}Regatta${ENTER}`);
  await announced('The collection is now called “Regatta”');
  await session.click(await menu());
  await session.click(await named('[role="menuitem"]', 'Ask this collection'));
  await until('the focus in the question', 10, () => session.run('() => document.activeElement.id === "question"'));
  await named('.chips li', 'Regatta').catch(() => like('.chips li', 'Regatta'));
  await shot('collection');
  await key(`What is the entry fee for the regatta?${ENTER}`);
  const turn = await first('What is the entry fee');
  assert.match(turn.answer.answer, /45/, `answered: ${turn.answer.answer}`);
  assert.equal(turn.answer.trace.scope.collection, 'Regatta');
  const inside = new Set((await invoke('list_documents')).filter(({ collection }) => collection === 'Regatta').map(({ id }) => id));
  assert.ok(turn.answer.passages.every(({ document }) => inside.has(document)), 'something else was searched');
  say(`asked of a collection of ${inside.size}: ${turn.answer.answer}`);
  // The key takes the last chip out.
  await session.click(only(await session.find('#question'), 'question field'));
  await key(BACKSPACE);
  await until('no chip', 10, async () => (await session.find('.chips li')).length === 0);
  await session.click(await menu());
  await session.click(await like('[role="menuitemradio"]', 'All collections'));
}

/** Dates that are chosen in the question decide which of two leases answers it. */
async function dated() {
  await control('n');
  const field = only(await session.find('#question'), 'question field');
  await session.click(field);
  await session.type(field, `${DEPOSIT} @dat`);
  await named('[role="option"]', 'Dates…');
  await session.type(field, ENTER);
  await until('the dates', 10, async () => (await session.find('dialog input')).length === 2);
  await key(`2024-13${ENTER}`);
  await until('what is no date', 10, () => says('“2024-13” is no date'));
  await key(`${BACKSPACE.repeat(3)}${ENTER}`);
  await like('.chips li', 'dated from 2024');
  await shot('dates');
  await key(ENTER);
  const turn = await first(DEPOSIT);
  assert.match(turn.answer.answer, /3,100/, `answered: ${turn.answer.answer}`);
  assert.doesNotMatch(turn.answer.answer, /2,350/);
  const { id } = await document('lease 2024.html');
  assert.ok(turn.answer.passages.every((passage) => passage.document === id), 'a document of another date was searched');
  await until('what was asked', 10, () => says('Asked only: dated from 2024'));
  await shot('dated');
  say(`asked of what is dated from 2024: ${turn.answer.answer}`);
  // It is still in the chip of the next question, until Backspace takes it out.
  await session.click(only(await session.find('#question'), 'question field'));
  await key(HOME + BACKSPACE);
  await until('no chip', 10, async () => (await session.find('.chips li')).length === 0);
  await announced('taken out');
  return turn;
}

/** A picture of a page, drawn by the window: lines that are clear, and words that were copied too often. */
const RECEIPT = `() => {
  const page = Object.assign(document.createElement('canvas'), { width: 1700, height: 700 });
  const pen = page.getContext('2d');
  const white = (pen, { width, height }) => {
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = '#111';
  };
  white(pen, page);
  pen.font = '44px serif';
  pen.fillText('Chandlery of Aldermere', 90, 120);
  pen.fillText('The anchor of 12 kilograms costs 148 euros.', 90, 240);
  pen.fillText('The chain', 90, 400);
  // A ninth of their size, and drawn large again.
  const copy = Object.assign(document.createElement('canvas'), { width: 100, height: 11 });
  const small = copy.getContext('2d');
  white(small, copy);
  small.font = '5.5px serif';
  const words = 'of galvanised steel for the anchor';
  small.fillText(words, 0, 7.7);
  pen.drawImage(copy, 290, 334, 900, 96);
  pen.fillText('costs 67 euros.', 304 + 9 * small.measureText(words).width, 400);
  return page.toDataURL('image/png').split(',')[1];
}`;

/** What was hard to read in a picture says so at the answer, and is framed where it stands. */
async function scanned() {
  const path = join(dir('papers'), 'receipt.png');
  writeFileSync(path, Buffer.from(await session.run(RECEIPT), 'base64'));
  await added([path], 'Add 1 file?');
  const { id, revision } = await until('the receipt', 60, () => document('receipt.png'));
  const { lines } = await invoke('document_page', { document: id, revision, number: 1 });
  const doubtful = lines.filter(({ confidence }) => confidence < 0.9);
  assert.ok(doubtful.length > 0 && doubtful.length < lines.length, `lines: ${JSON.stringify(lines)}`);
  await control('n');
  await ask('How much does the chain for the anchor cost?');
  const { answer } = await first('How much does the chain');
  // The smallest model does not make an answer of such words, but they are found.
  const found = answer.passages.find((passage) => passage.path === path);
  assert.ok(found?.locator.confidence < 0.9, JSON.stringify(answer.passages));
  await until('the doubt at the passage', 10, () => says('sure: compare it with the page'));
  await session.click(await like('button', `Passage ${found.rank}:`));
  await until('the frames', 20, async () => (await session.find('.doubt')).length >= doubtful.length);
  await until('what they mean', 10, () => says('dashed frame'));
  const outside = () => session.run(`() => {
    const within = (a, b) => a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
    const page = document.querySelector('.sheet img').getBoundingClientRect();
    const boxes = [...document.querySelectorAll('.sheet .doubt, .sheet .highlight')].map((box) => box.getBoundingClientRect());
    return boxes.filter((box) => !within(box, page)).map((box) => JSON.stringify([box, page]));
  }`);
  await until('the marks on the picture', 10, async () => (await outside()).length === 0).catch(async (error) => {
    throw new Error(`${error.message}: ${await outside()}`);
  });
  await shot('scan');
  await session.click(await named('button', 'Close the source'));
  say(`a scanned page: found, ${Math.round(found.locator.confidence * 100)} % sure`);
}

/** What was quoted of a removed document is marked, for as long as it is not brought back. */
async function removed(turn) {
  const { citations } = turn.answer;
  const cited = citations.length === 1 ? 'The document of 1 citation was removed' : `The documents of ${citations.length} citations were removed`;
  const gone = async () => !(await invoke('list_documents')).some(({ path }) => path.endsWith('lease 2024.html'));
  assert.ok(citations.length > 0 && citations.every(({ path }) => path.endsWith('lease 2024.html')), JSON.stringify(citations));
  await session.click(await like('li .open', DEPOSIT.slice(0, 20)));
  await until('the answer', 10, async () => (await session.find('.answer button[data-key]')).length === citations.length);
  await session.click(await named('button', 'Remove lease 2024.html'));
  await until('the lease to be gone', 20, gone);
  await until('what the answer says of it', 20, () => says(cited));
  await shot('withdrawn');
  await control('z');
  await announced('1 document is back');
  await until('the lease to be back', 20, async () => !(await gone()));
  await until('the answer as it was', 20, async () => !(await says(cited)));
  await session.click(await named('button', 'Remove lease 2024.html'));
  await until('the lease to be gone again', 20, gone);
  await session.click(await named('[aria-label="Removed"] button', 'Dismiss'));
  await session.click((await session.find('.answer button[data-key]'))[0]);
  await until('the quote', 20, async () => (await says('This document was removed from the library.')) && says('The answer quoted these words:'));
  const quoted = await session.run('() => document.querySelector(".message blockquote").textContent');
  assert.equal(quoted, citations[0].quote);
  await shot('quoted');
  await session.click(await named('button', 'Close the source'));
  say(`removed, undone and removed again; quoted: ${quoted}`);
}

/** A watched folder goes to another collection with its documents, and what comes in it joins that one. */
async function followed() {
  const [may] = write('logbook', { 'may.txt': 'In May the Heron was tarred.\n', 'june.txt': 'In June the Heron was out on nine days.\n' });
  const folder = join(may, '..');
  await invoke('watch_folder', { path: folder, collection: 'default' });
  const inside = async () => (await invoke('list_documents')).filter(({ path }) => path.startsWith(`${folder}/`));
  await until('its documents', 60, async () => (await inside()).length === 2);
  for (const name of ['may.txt', 'june.txt']) await named('.document input', `Ask only ${name}`);
  await session.click(await named('button', 'Menu of folder logbook'));
  await session.click(await named('[role="menuitem"]', 'Move to collection…'));
  await until('what goes along', 10, () => says('Its 2 documents move along'));
  await shot('folder');
  await session.click(only(await session.find('dialog button[type="submit"]'), '"Move"'));
  await announced('2 documents moved to “Regatta”');
  write('logbook', { 'july.txt': 'In July the Heron came third.\n' });
  await until('the new file in the collection', 30, async () =>
    (await inside()).filter(({ collection }) => collection === 'Regatta').length === 3);
  await shot('followed');
  say('a watched folder and its documents went to another collection; what came later joined it there');
}

/** A model that checks sentences is taken in, used, done without, and taken back; Escape leaves its page. */
async function checked() {
  const folder = join(root, 'crates/model-import/tests/fixtures/encoders/bert-nli');
  // The command that the drop handler and the buttons call; a file dialog cannot be driven from here.
  const id = await session.runAsync(`(path) => {
    const id = window.__TAURI_INTERNALS__.transformCallback(() => {});
    return window.__TAURI_INTERNALS__.invoke('import_model', { path, onEvent: '__CHANNEL__:' + id });
  }`, folder);
  const used = async () => (await invoke('models_view')).models.some((card) => card.id === id && card.inUse);
  const models = async (words = '') => {
    await control(SHIFT + 'm');
    await until('the search of the models', 10, () => session.run('() => document.activeElement?.matches("dialog input[type=search]") ?? false'));
    if (words) await key(words);
  };
  const leave = async () => {
    await key(ESCAPE);
    await until('the page of models to go', 10, async () => (await session.find('dialog[open]')).length === 0);
  };
  await models('bert');
  await session.click(await named('dialog button', 'Use bert-nli'));
  await until('the model in use', 60, used);
  await shot('checks');
  await leave();
  await control('n');
  await ask('When does the regatta start?');
  const { answer } = await first('When does the regatta');
  assert.ok(answer.trace.models.some(([role, name]) => role === 'entailment' && name.startsWith('bert-nli')), JSON.stringify(answer.trace.models));
  say(`checked by ${id}: ${answer.answer}`);
  await models();
  // With the focus in the search field, which keeps that key for itself in WebKit.
  await leave();
  await models('bert');
  await session.click(await named('dialog button', 'Stop using bert-nli'));
  await until('doing without', 60, async () => !(await used()));
  await session.click(await named('dialog button', 'Go back to bert-nli'));
  await until('the model in use again', 60, used);
  await session.click(await named('dialog button', 'Stop using bert-nli'));
  await until('doing without again', 60, async () => !(await used()));
  await session.click(await named('dialog button', 'Remove bert-nli'));
  await session.click(await named('dialog button.danger', 'Remove'));
  await until('the model to be gone', 20, async () => !(await invoke('models_view')).models.some((card) => card.id === id));
  await leave();
}

/** The folder is let go of with its documents, and all others are removed at once. */
async function emptied() {
  await session.click(await named('button', 'Menu of folder logbook'));
  await session.click(await named('[role="menuitem"]', 'Stop watching…'));
  await session.click(await named('dialog button', 'Remove documents'));
  await until('the documents of the folder to go', 30, async () => !(await invoke('list_documents')).some(({ path }) => path.includes('/logbook/')));
  // The window hears of it a moment later; what is chosen before that is not what is there.
  const kept = (await invoke('list_documents')).length;
  await until('the folder to go from the window', 15, () => session.run(`(kept) => document.querySelector('[aria-label="Menu of folder logbook"]') === null
    && document.querySelector('#library-title + .total').textContent === String(kept)`, kept));
  await session.type(only(await session.find('#library-words'), 'filter of the library'), '.');
  await session.click(await named('button', 'Ask these'));
  await session.click(await named('button', 'Remove'));
  await until('all documents to go', 30, async () => (await invoke('list_documents')).length === 0);
  await session.click(await named('[aria-label="Removed"] button', 'Dismiss'));
  for (const { id } of await invoke('list_jobs')) await invoke('dismiss_job', { job: id });
}

export async function library(driver) {
  await open(driver);
  await ready();
  assert.equal((await invoke('list_documents')).length, 0, `${data} is not empty`);
  for (const { id } of await invoke('list_conversations')) await invoke('remove_conversation', { conversation: id });
  const began = Date.now();
  await filled();
  await narrowed();
  await collected();
  const turn = await dated();
  await scanned();
  await removed(turn);
  await followed();
  await checked();
  await emptied();
  assert.deepEqual(await session.run('() => window.complaints'), []);
  await quit();
  say(`the library was put in order in ${((Date.now() - began) / 1000).toFixed(0)} s`);
}

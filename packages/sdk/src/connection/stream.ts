import type { FromClient } from '@sveiki/protocol';
import { type Line, type LineHandlers, PORTAL, parseFrames } from './line.ts';

/** Characters of frames in one POST; with three bytes a character still below `LIMITS.maxFrameBytes` unless one frame alone is larger. */
const maxPostChars = 15_000;

/**
 * A line over plain HTTP, for networks that block WebSockets: `POST <base>stream` with the hello answers with an endless `text/event-stream`,
 * whose first event `line` names the line; frames go up by `POST <base>frames`, one request at a time so that they stay in order.
 */
export function openStream(base: string, fetch: typeof globalThis.fetch, handlers: LineHandlers): Line {
  const abort = new AbortController();
  let line: string | undefined;
  let waiting: FromClient[] = [];
  let isPosting = false;

  const post = (path: string, body: unknown) =>
    fetch(base + path, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: abort.signal,
      cache: 'no-store',
      // The relay leads nowhere else: who does is a captive portal, and what is said here is not for it.
      redirect: 'manual',
    });

  const end = (code: number) => {
    if (abort.signal.aborted) return;
    abort.abort();
    handlers._ended(code);
  };

  /** Reads until the stream ends; resolves with the close code. */
  async function read(): Promise<number> {
    const response = await post('stream', handlers._hello());
    const type = response.headers.get('content-type') ?? '';
    if (/json/.test(type)) {
      // The relay itself says no, before there is a line.
      const { code, detail, title, retry, retryAfterMs } = (await response.json()) as Record<string, unknown>;
      handlers._frames([{ type: 'error', code, message: detail ?? title, retry, retryAfterMs }]);
      return 0;
    }
    if (!response.body || !/event-stream/.test(type)) return PORTAL;
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 0;
      const events = (text + decoder.decode(value, { stream: true })).replace(/\r/g, '').split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const kind = /^event: ?(\w+)$/m.exec(event)?.[1];
        const data = event.replace(/^(?!data:).*\n?|^data: ?/gm, '');
        if (kind === 'line') {
          line = data;
          flush();
        } else if (kind === 'close') return Number((parseFrames(data)[0] as { code?: unknown } | undefined)?.code) || 0;
        else if (data) handlers._frames(parseFrames(data));
      }
    }
  }

  async function postWaiting() {
    while (waiting.length > 0) {
      let count = 0;
      let size = 0;
      do size += JSON.stringify(waiting[count++]).length;
      while (count < waiting.length && size + JSON.stringify(waiting[count]).length < maxPostChars);
      const frames = waiting.slice(0, count);
      waiting = waiting.slice(count);
      const { ok } = await post('frames', { line, frames });
      if (!ok) return end(0);
    }
    isPosting = false;
  }

  function flush() {
    if (isPosting || !line) return;
    isPosting = true;
    postWaiting().catch(() => end(0));
  }

  read().then(end, () => end(0));
  return {
    _send(frame) {
      waiting.push(frame);
      flush();
    },
    _close: () => abort.abort(),
  };
}

import { type Line, type LineHandlers, parseFrames } from './line.ts';
import type { WebSocketClass } from './types.ts';

/** A line over a WebSocket. Throws when the address or a policy of the page does not allow one. */
export function openSocket(url: string, WebSocket: WebSocketClass, handlers: LineHandlers): Line {
  const socket = new WebSocket(url);
  const send: Line['_send'] = (frame) => socket.send(JSON.stringify(frame));
  socket.onopen = () => send(handlers._hello());
  socket.onmessage = ({ data }) => handlers._frames(parseFrames(data));
  socket.onclose = ({ code }) => handlers._ended(code);
  // Always followed by `close`; without a handler the `ws` package would throw it.
  socket.onerror = () => {};
  return {
    _send: send,
    _close() {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    },
  };
}

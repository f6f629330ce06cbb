import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/**
 * A WebSocket client with nothing but frames. `ws` and `socket.io-client` cost a load generator as much as the servers that are measured; this one
 * costs a third, and the same for every server, so that the server is what is measured.
 */
export interface LeanSocket {
  send(text: string): void;
  destroy(): void;
}

export interface LeanSocketOptions {
  port: number;
  path: string;
  origin?: string;
  /** Address to connect from; one address has some 28,000 ports. */
  from?: string;
  /** The bytes of a text frame; they are only good during the call. */
  onFrame: (socket: LeanSocket, payload: Buffer) => void;
  onClose?: (why: string) => void;
}

/** Connects and shakes hands. @throws Error when the other side does not switch to WebSocket */
export function openLeanSocket(options: LeanSocketOptions): Promise<LeanSocket> {
  const { port, path, origin, from, onFrame, onClose } = options;
  return new Promise((resolve, reject) => {
    const tcp = connect({ port, host: '127.0.0.1', ...(from === undefined ? {} : { localAddress: from }) });
    let rest: Buffer | null = null;
    let isOpen = false;
    let ended = '';
    const socket: LeanSocket = {
      send: (text) => tcp.write(textFrame(text)),
      destroy: () => tcp.destroy(),
    };
    const handshake = (data: Buffer): Buffer | null => {
      const end = data.indexOf('\r\n\r\n');
      if (end === -1) return null;
      const head = data.toString('latin1', 0, end);
      if (!head.startsWith('HTTP/1.1 101 ')) {
        tcp.destroy(new Error(`No WebSocket on ${path}: ${head.split('\r\n')[0]}`));
        return null;
      }
      isOpen = true;
      resolve(socket);
      return data.subarray(end + 4);
    };
    tcp.setNoDelay(true);
    tcp.on('connect', () => {
      const key = randomBytes(16).toString('base64');
      tcp.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${origin === undefined ? '' : `Origin: ${origin}\r\n`}\r\n`,
      );
    });
    tcp.on('data', (chunk) => {
      let data: Buffer | null = rest === null ? chunk : Buffer.concat([rest, chunk]);
      rest = null;
      if (!isOpen) {
        const after = handshake(data);
        if (after === null) {
          rest = data;
          return;
        }
        data = after;
      }
      let at = 0;
      for (;;) {
        const frame = frameAt(data, at);
        if (frame === null) break;
        at = frame.end;
        if (frame.opcode === 8) ended = `closed with ${data.readUInt16BE(frame.start)}`;
        else if (frame.opcode === 1) onFrame(socket, data.subarray(frame.start, frame.end));
      }
      if (at < data.length) rest = data.subarray(at);
    });
    tcp.on('error', (error) => {
      ended ||= error.message;
    });
    tcp.on('close', () => {
      if (!isOpen) reject(new Error(ended || `The connection to ${path} was closed.`));
      else onClose?.(ended || 'the connection was cut');
    });
  });
}

/** A text frame whose mask is zero: allowed, and the cheapest to make; the server unmasks it like any other. */
function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const wide = length > 125;
  if (length > 65_535) throw new Error('A frame of this load generator holds 65,535 bytes.');
  const frame = Buffer.allocUnsafe((wide ? 8 : 6) + length);
  frame[0] = 0x81;
  frame[1] = 0x80 | (wide ? 126 : length);
  if (wide) frame.writeUInt16BE(length, 2);
  frame.writeUInt32BE(0, wide ? 4 : 2);
  frame.write(text, wide ? 8 : 6);
  return frame;
}

/** Where the frame at `at` lies, or null when it is not all there yet. Servers do not mask. */
function frameAt(data: Buffer, at: number): { opcode: number; start: number; end: number } | null {
  if (data.length < at + 2) return null;
  const opcode = (data[at] as number) & 0x0f;
  const short = (data[at + 1] as number) & 0x7f;
  const headerBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (data.length < at + headerBytes) return null;
  const length =
    short === 127 ? Number(data.readBigUInt64BE(at + 2)) : short === 126 ? data.readUInt16BE(at + 2) : short;
  const start = at + headerBytes;
  return data.length < start + length ? null : { opcode, start, end: start + length };
}

import { connect } from 'node:net';
import { LIMITS } from '@sveiki/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayUnderTest, gatewayUnderTest, SHOP } from '../test-support/gateway.ts';

/*
 * The rules of RFC 6455 over a raw TCP socket, by the groups of the well-known suite (framing, pings, reserved bits, opcodes, fragments, UTF-8,
 * closing, limits). The relay behind the socket answers every text by the same text.
 */
let house: GatewayUnderTest;
beforeAll(async () => {
  house = await gatewayUnderTest();
});
afterAll(() => house.stop());

interface Frame {
  opcode: number;
  payload?: Buffer | string;
  fin?: boolean;
  rsv?: number;
  masked?: boolean;
  /** How the length is written; the shortest way by default. */
  length?: 7 | 16 | 64;
}
const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

function bytesOf({ opcode, payload = '', fin = true, rsv = 0, masked = true, length }: Frame): Buffer {
  const data = Buffer.from(payload);
  const size = length ?? (data.length < 126 ? 7 : data.length < 65_536 ? 16 : 64);
  const head = [
    (fin ? 0x80 : 0) | (rsv << 4) | opcode,
    (masked ? 0x80 : 0) | (size === 7 ? data.length : size === 16 ? 126 : 127),
  ];
  if (size === 16) head.push(data.length >> 8, data.length & 0xff);
  if (size === 64) head.push(0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (data.length >>> shift) & 0xff));
  if (!masked) return Buffer.concat([Buffer.from(head), data]);
  const mask = [0x37, 0xfa, 0x21, 0x3d];
  return Buffer.concat([Buffer.from([...head, ...mask]), data.map((byte, i) => byte ^ (mask[i % 4] ?? 0))]);
}
const closing = (code: number | null, reason: Buffer | string = ''): Frame => {
  const head = Buffer.alloc(code === null ? 0 : 2);
  if (code !== null) head.writeUInt16BE(code);
  return { opcode: CLOSE!, payload: Buffer.concat([head, Buffer.from(reason)]) };
};

interface Answer {
  /** Texts and pongs, as `text …` and `pong …` in hex. */
  said: string[];
  /** Of the close frame; null when there was none, 1005 when it named no code. */
  code: number | null;
}

const handshake = [
  ...['GET /v1/socket HTTP/1.1', 'Host: x', `Origin: ${SHOP}`, 'Connection: Upgrade', 'Upgrade: websocket'],
  ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
].join('\r\n');

/** Sends bytes after a handshake, in pieces of `chop`, and listens until the server has closed. */
function talk(bytes: Buffer, chop = bytes.length): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let input = Buffer.alloc(0);
    let isOpen = false;
    const answer: Answer = { said: [], code: null };
    const socket = connect({ port: house.port, host: '127.0.0.1', noDelay: true }, () => socket.write(handshake));
    const write = async (): Promise<void> => {
      for (let at = 0; at < bytes.length; at += Math.max(1, chop)) {
        if (socket.destroyed || !socket.writable) return;
        socket.write(bytes.subarray(at, at + Math.max(1, chop)));
        // Each piece goes out by itself.
        if (chop < bytes.length) await new Promise((done) => setImmediate(done));
      }
    };
    socket.on('data', (chunk) => {
      input = Buffer.concat([input, chunk]);
      if (!isOpen) {
        const end = input.indexOf('\r\n\r\n');
        if (end < 0) return;
        if (!input.toString('latin1').startsWith('HTTP/1.1 101')) return reject(new Error(input.toString()));
        isOpen = true;
        input = input.subarray(end + 4);
        write().catch(reject);
      }
      for (;;) {
        if (input.length < 2) return;
        const short = input[1]! & 0x7f;
        const head = short < 126 ? 2 : short === 126 ? 4 : 10;
        if (input.length < head) return;
        const size = short < 126 ? short : short === 126 ? input.readUInt16BE(2) : Number(input.readBigUInt64BE(2));
        if (input.length < head + size) return;
        const payload = input.subarray(head, head + size);
        const opcode = input[0]! & 0x0f;
        if (opcode === CLOSE) {
          answer.code = size >= 2 ? payload.readUInt16BE(0) : 1005;
          // A well-behaved client answers, so that the server needs not wait for it.
          if (socket.writable) socket.end(bytesOf(closing(1000)));
        } else answer.said.push(`${opcode === PONG ? 'pong' : 'text'} ${payload.toString('hex')}`);
        input = input.subarray(head + size);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

interface Case {
  name: string;
  frames: (Frame | Buffer)[];
  code: number;
  said?: string[];
  chop?: number;
}
const hex = (text: string | Buffer): string => Buffer.from(text).toString('hex');
const texts = (...list: (string | Buffer)[]): string[] => list.map((text) => `text ${hex(text)}`);
const bye = closing(1000);
const sizes = [0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 1_000, 65_534, 65_535, 65_536];
const cases: Case[] = [];
const add = (name: string, frames: (Frame | Buffer)[], code: number, more: Pick<Case, 'said' | 'chop'> = {}): void => {
  cases.push({ name, frames, code, ...more });
};

// 1: texts of every size, whole and in pieces of the stream.
for (const size of sizes) {
  const payload = Buffer.alloc(size, '*');
  add(`a text of ${size} bytes`, [{ opcode: TEXT!, payload }, bye], 1000, { said: texts(payload) });
  if (size <= 256)
    for (const chop of [1, 7])
      add(`a text of ${size} bytes, ${chop} at a time`, [{ opcode: TEXT!, payload }, bye], 1000, {
        said: texts(payload),
        chop,
      });
  add(`bytes that are no text, ${size} of them`, [{ opcode: BINARY!, payload }], 4400);
}
for (const length of [16, 64] as const)
  add(`a length written in ${length} bits`, [{ opcode: TEXT!, payload: 'x', length }, bye], 1000, { said: texts('x') });
// 2: pings and pongs.
for (const size of [0, 1, 2, 8, 64, 124, 125]) {
  const payload = Buffer.alloc(size, 0xfe);
  add(`a ping of ${size} bytes`, [{ opcode: PING!, payload }, bye], 1000, { said: [`pong ${hex(payload)}`] });
  add(`a ping of ${size} bytes, one at a time`, [{ opcode: PING!, payload }, bye], 1000, {
    said: [`pong ${hex(payload)}`],
    chop: 1,
  });
  add(`a pong of ${size} bytes that nobody asked for`, [{ opcode: PONG!, payload }, bye], 1000, { said: [] });
}
for (const [name, opcode] of Object.entries({ ping: PING!, pong: PONG!, close: CLOSE! })) {
  for (const size of [126, 127, 1_000, 65_536])
    add(`a ${name} of ${size} bytes`, [{ opcode, payload: Buffer.alloc(size, 3) }], 1002);
  add(`a ${name} in fragments`, [{ opcode, fin: false }], 1002);
  add(`a ${name} whose length is written longer than needed`, [{ opcode, payload: '\x03\xe8', length: 16 }], 1002);
}
// 3: reserved bits.
for (let rsv = 1; rsv < 8; rsv++) {
  for (const opcode of [CONTINUATION!, TEXT!, BINARY!, CLOSE!, PING!, PONG!])
    add(`reserved bits ${rsv} on opcode ${opcode}`, [{ opcode, rsv, payload: 'x' }], 1002);
  add(
    `reserved bits ${rsv} after a good text`,
    [
      { opcode: TEXT!, payload: 'x' },
      { opcode: TEXT!, rsv, payload: 'x' },
    ],
    1002,
    { said: texts('x') },
  );
}
// 4: opcodes that mean nothing.
for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
  add(`opcode ${opcode}`, [{ opcode }], 1002);
  add(`opcode ${opcode} with a payload`, [{ opcode, payload: 'x'.repeat(20) }], 1002);
  add(`opcode ${opcode} between fragments`, [{ opcode: TEXT!, payload: 'x', fin: false }, { opcode }], 1002);
}
for (const opcode of [TEXT!, BINARY!, CLOSE!, PING!, PONG!])
  add(`opcode ${opcode} without a mask`, [{ opcode, payload: '\x03\xe8', masked: false }], 1002);
// 5: fragments.
for (const count of [2, 3, 10, LIMITS.maxFragments]) {
  const frames = Array.from(
    { length: count },
    (_, i): Frame => ({ opcode: i === 0 ? TEXT! : CONTINUATION!, payload: `${i}`, fin: i === count - 1 }),
  );
  const whole = frames.map(({ payload }) => payload).join('');
  add(`a text in ${count} fragments`, [...frames, bye], 1000, { said: texts(whole) });
  add(
    `a text in ${count} fragments with pings between`,
    [...frames.flatMap((frame) => [frame, { opcode: PONG! }]), bye],
    1000,
    { said: texts(whole) },
  );
  add(
    `a text in ${count} fragments that is broken off by another one`,
    [...frames.slice(0, -1), { opcode: TEXT!, payload: 'x' }],
    1002,
  );
  add(`a text in ${count} fragments and one more`, [...frames, { opcode: CONTINUATION!, payload: 'x' }], 1002, {
    said: texts(whole),
  });
  add(`a text in ${count} empty fragments`, [...frames.map((frame) => ({ ...frame, payload: '' })), bye], 1000, {
    said: texts(''),
  });
}
add(
  'more fragments than allowed',
  Array.from({ length: LIMITS.maxFragments + 1 }, (_, i) => ({ opcode: i === 0 ? TEXT! : CONTINUATION!, fin: false })),
  1008,
);
for (const fin of [true, false])
  add(`a continuation of nothing, ${fin}`, [{ opcode: CONTINUATION!, payload: 'x', fin }], 1002);
add('a text that never ends and a goodbye', [{ opcode: TEXT!, payload: 'x', fin: false }, bye], 1000);
// 6: UTF-8, whole, one byte at a time, and cut into fragments anywhere.
const good = [
  'κόσμε',
  'Sveiki, привет, مرحبا',
  '\u0000',
  '\u007f',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '\ufffd',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
  '😀👩‍👩‍👧',
  '\ufeff',
];
for (const text of good) {
  const payload = Buffer.from(text);
  add(`the text ${hex(payload)}`, [{ opcode: TEXT!, payload }, bye], 1000, { said: texts(payload) });
  for (let cut = 1; cut < Math.min(payload.length, 6); cut++) {
    const frames: Frame[] = [
      { opcode: TEXT!, payload: payload.subarray(0, cut), fin: false },
      { opcode: CONTINUATION!, payload: payload.subarray(cut) },
    ];
    add(`the text ${hex(payload)}, cut at ${cut}`, [...frames, bye], 1000, { said: texts(payload) });
  }
}
const bad = [
  '80',
  'bf',
  '8080',
  'c0',
  'c080',
  'c0af',
  'c1bf',
  'c2',
  'c220',
  'c3c3',
  'e08080',
  'e09fbf',
  'e0a0',
  'e228a1',
  'eda080',
  'edadbf',
  'edb080',
  'edbfbf',
  'eda080edb080',
  'f0808080',
  'f08fbfbf',
  'f09f98',
  'f0288cbc',
  'f48fbf',
  'f4908080',
  'f5808080',
  'f8888080',
  'fc8480808080',
  'fe',
  'ff',
  'fefeffff',
  '41ff42',
  'cebae1bdb9cf83cebceda080656469746564',
];
for (const bytes of bad) {
  const payload = Buffer.from(bytes, 'hex');
  add(`no UTF-8: ${bytes}`, [{ opcode: TEXT!, payload }], 1007);
  add(`no UTF-8, one byte at a time: ${bytes}`, [{ opcode: TEXT!, payload }], 1007, { chop: 1 });
  add(
    `no UTF-8, in fragments: ${bytes}`,
    [...payload].map(
      (byte, i): Frame => ({
        opcode: i === 0 ? TEXT! : CONTINUATION!,
        payload: Buffer.from([byte]),
        fin: i === payload.length - 1,
      }),
    ),
    1007,
  );
  add(`no UTF-8 in a goodbye: ${bytes}`, [closing(1000, payload)], 1007);
}
// 7: goodbyes.
add('a goodbye without a code', [closing(null)], 1005);
add('a goodbye with half a code', [{ opcode: CLOSE!, payload: '\x03' }], 1002);
for (const code of [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4400, 4999,
])
  add(`a goodbye with ${code}`, [closing(code)], code);
for (const code of [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 9999, 65_535])
  add(`a goodbye with ${code}, which is none`, [closing(code)], 1002);
for (const size of [1, 60, 122, 123])
  add(`a goodbye with a reason of ${size} bytes`, [closing(1000, 'x'.repeat(size))], 1000);
add('a text after a goodbye', [bye, { opcode: TEXT!, payload: 'late' }], 1000, { said: [] });
add('two goodbyes', [bye, closing(1001)], 1000);
add('rubbish after a goodbye', [bye, Buffer.alloc(64, 0xff)], 1000);
// 9: limits.
for (const size of [LIMITS.maxFrameBytes + 1, 2 * LIMITS.maxFrameBytes, 1_000_000])
  add(`a text of ${size} bytes`, [{ opcode: TEXT!, payload: Buffer.alloc(size, '*') }], 1009);
add(
  'fragments that are too much together',
  Array.from({ length: 3 }, (_, i) => ({
    opcode: i === 0 ? TEXT! : CONTINUATION!,
    payload: Buffer.alloc(30_000, '*'),
    fin: i === 2,
  })),
  1009,
);
for (const length of [
  '0000000100000000',
  '001fffffffffffff',
  '0020000000000000',
  '7fffffffffffffff',
  '8000000000000000',
  'ffffffffffffffff',
])
  add(`a length of ${length}`, [Buffer.from(`81ff${length}37fa213d`, 'hex')], 1009);

describe('RFC 6455', () => {
  it('is tried in 250 ways and more', () => {
    expect(cases.length).toBeGreaterThanOrEqual(250);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  it.each(cases)('$name: $code', async ({ frames, code, said, chop }) => {
    const bytes = Buffer.concat(frames.map((frame) => (Buffer.isBuffer(frame) ? frame : bytesOf(frame))));
    const answer = await talk(bytes, chop);
    expect(answer.code).toBe(code);
    if (said !== undefined) expect(answer.said).toEqual(said);
  });

  it('left nothing open', async () => {
    await Promise.all(house.sessions.map(({ closed }) => closed));
    expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
  });
});

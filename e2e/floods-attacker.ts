import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { letPass } from './real-time.ts';

/*
 * Somebody who wants the relay to be busy with nothing, in a process of his own. Told what he does, the port, how many connections he holds, the
 * origin he says he is from, and for how many seconds he opens a new one for each that ends; then he waits until all have ended. He comes from
 * hundreds of addresses, so that no limit of one address helps. Writes one line of JSON: what became of them.
 */
const [kind = '', port = '', count = '', origin = '', seconds = ''] = process.argv.slice(2);
/** Connections from one address. */
const perAddress = 20;
const openedAtOnce = 100;
const stillAliveMs = 1_000;

const head = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`;
/** What is said at once, and what each second after it. */
const KINDS: Record<string, { first: string; later: string }> = {
  silent: { first: '', later: '' },
  'no-hello': {
    first: head([
      ...['GET /v1/socket HTTP/1.1', 'Host: x', `Origin: ${origin}`, 'Connection: Upgrade', 'Upgrade: websocket'],
      ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ''],
    ]),
    later: '',
  },
  'slow-headers': { first: head(['GET /healthz HTTP/1.1', 'Host: x']), later: 'X-a: b\r\n' },
  'slow-body': {
    first: head(['POST /v1/stream HTTP/1.1', 'Host: x', `Origin: ${origin}`, 'Content-Length: 4096', '']),
    later: '{',
  },
};

const attack = KINDS[kind] ?? { first: '', later: '' };
if (KINDS[kind] === undefined) throw new Error(`"${kind}" is none of ${Object.keys(KINDS).join(', ')}.`);
const ends = performance.now() + Number(seconds) * 1_000;
const answers: Record<string, number> = {};
let opened = 0;
let failed = 0;
let open = 0;
let most = 0;
let longestMs = 0;

function hold(i: number): void {
  const startedAt = performance.now();
  const a = Math.floor(i / perAddress);
  const localAddress = `127.20.${Math.floor(a / 250)}.${(a % 250) + 1}`;
  let isOpen = false;
  let answer = 'nothing';
  let timer: NodeJS.Timeout | undefined;
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress }, () => {
    isOpen = true;
    forgotten.add(socket);
    opened++;
    most = Math.max(most, ++open);
    socket.write(attack.first);
    if (attack.later !== '') timer = setInterval(() => socket.write(attack.later), stillAliveMs);
  });
  socket.once('data', (bytes: Buffer) => {
    forgotten.delete(socket);
    answer = /^HTTP\/1\.1 (\d{3})/.exec(bytes.toString('latin1'))?.[1] ?? 'something else';
  });
  // He neither answers nor ends: the relay has to.
  socket.on('data', () => {});
  socket.on('error', () => {});
  socket.once('close', () => {
    forgotten.delete(socket);
    clearInterval(timer);
    if (isOpen) {
      open--;
      answers[answer] = (answers[answer] ?? 0) + 1;
      // One that was never accepted, because too many came at once, the machine alone has.
      if (answer !== 'nothing') longestMs = Math.max(longestMs, performance.now() - startedAt);
    } else failed++;
    if (performance.now() < ends) setTimeout(hold, 100, i);
    else waiting--;
    tellIfDone();
  });
}

/**
 * Where too many come at once, the machine drops what it has already agreed to; who says nothing first never hears of it, and the relay never knew of
 * him. So long after the last was opened everybody whom the relay knows of has been ended.
 */
const forgottenAfterMs = 60_000;
const forgotten = new Set<Socket>();
setTimeout(
  () => {
    for (const socket of forgotten) socket.destroy();
  },
  Number(seconds) * 1_000 + forgottenAfterMs,
);

let waiting = Number(count);
function tellIfDone(): void {
  if (waiting > 0) return;
  console.log(JSON.stringify({ opened, failed, most, answers, longestSeconds: Math.round(longestMs / 100) / 10 }));
  process.exit();
}
// Whoever started this is gone.
createInterface({ input: process.stdin }).on('close', () => process.exit());
for (let i = 0; i < Number(count); ) {
  for (let k = 0; k < openedAtOnce && i < Number(count); k++) hold(i++);
  await letPass(10);
}

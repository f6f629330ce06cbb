import { createInterface } from 'node:readline';
import { createChat } from '@sveiki/sdk';
import { fetchOf, socketsOf } from '../tools/replay/site-socket.ts';

/*
 * A visitor in a process of his own, so that he can be in another network. Told the relay's address, the site and its origin as arguments; says each
 * line of its input, and writes a line of JSON for each change of its connection and for each message that is stored.
 */
const [server = '', site = '', origin = ''] = process.argv.slice(2);
const write = (line: object): void => console.log(JSON.stringify(line));
const chat = createChat({
  ...{ server, site, WebSocket: socketsOf(origin).Socket, fetch: fetchOf(origin), locale: 'en' },
  ...{ storage: 'memory', transport: 'websocket' },
});
chat.on('connection', ({ status }) => write({ status }));
createInterface({ input: process.stdin })
  .on('line', (text) => {
    void chat.send(text).then(({ id }) => write({ stored: text, id }));
  })
  .on('close', () => void chat.destroy());

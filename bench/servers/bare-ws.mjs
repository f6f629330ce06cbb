// The yardstick: `ws`, JSON read, acknowledged and forwarded. It keeps nothing and checks nothing.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const conversations = new Map();
const http = createServer((_request, response) => response.end('ok'));
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });

sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const frame = JSON.parse(data.toString());
    let conversation = conversations.get(frame.conversation);
    if (conversation === undefined) {
      conversation = { seq: 0, members: new Set() };
      conversations.set(frame.conversation, conversation);
    }
    if (frame.type === 'join') {
      conversation.members.add(socket);
      socket.send('{"type":"welcome"}');
      return;
    }
    const { id, blocks } = frame;
    const seq = ++conversation.seq;
    const at = Date.now();
    socket.send(JSON.stringify({ type: 'ack', id, conversation: frame.conversation, seq, at }));
    const event = { conversation: frame.conversation, seq, id, at, body: { kind: 'message', blocks } };
    const text = JSON.stringify({ type: 'event', event });
    for (const member of conversation.members) if (member !== socket) member.send(text);
  });
});

http.listen(0, '127.0.0.1', () => process.send?.({ port: http.address().port }));

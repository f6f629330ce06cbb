// What many would take instead: Socket.IO with acknowledgements and rooms, over WebSocket only. It keeps nothing.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const numbers = new Map();
const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });

io.on('connection', (socket) => {
  socket.on('join', (conversation, welcome) => {
    void socket.join(conversation);
    welcome();
  });
  socket.on('send', ({ id, conversation, blocks }, ack) => {
    const seq = (numbers.get(conversation) ?? 0) + 1;
    numbers.set(conversation, seq);
    const at = Date.now();
    ack({ id, conversation, seq, at });
    socket.to(conversation).emit('event', { conversation, seq, id, at, body: { kind: 'message', blocks } });
  });
});

http.listen(0, '127.0.0.1', () => process.send?.({ port: http.address().port }));

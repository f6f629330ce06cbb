/** What a server says, as far as the load generator cares. */
export type Heard = 'ack' | 'event' | 'ready' | 'ping' | 'refused' | 'other';

/** How the load generator speaks with one kind of server. All of them get the same messages. */
export interface Dialect {
  /** Where members connect, and what they say first; `ready` answers the last of it. */
  visitorPath: string;
  agentPath: string;
  /** A member of a conversation greets: frames to send after each thing heard, until `ready`. */
  message(id: string, conversation: string, text: string): string;
  hear(payload: Buffer): Heard;
  pong: string;
}

const a = 0x61;
const b = (text: string): number => text.charCodeAt(0);

/** Frames of Sveiki and of the bare server alike: JSON whose first field is its type. */
function hearJson(payload: Buffer): Heard {
  // Two bytes tell the frames of the hot path apart: {"type":"ack" and {"type":"event".
  if (payload[9] === a && payload[10] === b('c')) return 'ack';
  if (payload[9] === b('e') && payload[10] === b('v')) return 'event';
  const type = /^\{"type":"([^"]+)"/.exec(payload.toString('utf8', 0, 40))?.[1];
  if (type === 'welcome') return 'ready';
  if (type === 'ping') return 'ping';
  return type === 'nack' || type === 'error' || type === 'bye' ? 'refused' : 'other';
}

const sendFrame = (id: string, conversation: string, text: string): string =>
  JSON.stringify({ type: 'send', id, conversation, blocks: [{ kind: 'text', text }] });

export const sveikiDialect: Dialect = {
  visitorPath: '/v1/socket',
  agentPath: '/desk/socket',
  message: sendFrame,
  hear: hearJson,
  pong: '{"type":"pong"}',
};

export const bareDialect: Dialect = { ...sveikiDialect, visitorPath: '/', agentPath: '/' };

/** Engine.IO and Socket.IO packets by their numbers: 0 open, 2 ping, 40 connected, 42 event, 43 ack. */
export const socketIoDialect: Dialect = {
  visitorPath: '/socket.io/?EIO=4&transport=websocket',
  agentPath: '/socket.io/?EIO=4&transport=websocket',
  message: (id, conversation, text) =>
    `421${JSON.stringify(['send', { id, conversation, blocks: [{ kind: 'text', text }] }])}`,
  hear(payload) {
    const second = payload[1];
    if (payload[0] === b('2')) return 'ping';
    if (payload[0] !== b('4')) return 'other';
    if (second === b('3')) return 'ack';
    if (second === b('2')) return 'event';
    return second === b('4') ? 'refused' : 'other';
  },
  pong: '3',
};

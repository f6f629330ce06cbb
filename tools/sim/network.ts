import type { WebSocketClass, WebSocketLike } from '../../packages/sdk/src/connection/types.ts';
import type { Connection } from '../../packages/server/src/ports.ts';
import type { Session } from '../../packages/server/src/relay.ts';
import type { Random } from '../replay/random.ts';
import type { Timeline } from './timeline.ts';

/** Who opened a line, as the checker knows him. */
export interface Caller {
  who: string;
  kind: 'visitor' | 'agent' | 'hostile';
  door: 'site' | 'desk';
  origin: string | null;
  address: string;
}

/** One line, as the checker sees it. */
export interface Wire extends Caller {
  id: number;
  /** Bytes that wait for a reader who does not read, as the relay is told. */
  waiting: number;
}

export interface Tap {
  up(wire: Wire, text: string): void;
  down(wire: Wire, text: string): void;
  /** The relay gave this to the line: also what never arrives. */
  sent(wire: Wire, text: string): void;
  ended(wire: Wire, code: number, by: 'relay' | 'client' | 'network'): void;
}

export interface Network {
  /** The sockets of one client. */
  sockets(caller: Caller): WebSocketClass;
  /** Breaks lines for which it holds: both ends hear of it a little later, on their own. */
  cut(isMeant: (wire: Wire) => boolean): void;
  /** Nothing arrives in that direction, without any other sign, until `flow`. */
  stall(isMeant: (wire: Wire) => boolean, direction: 'up' | 'down' | 'both'): void;
  flow(): void;
  /** The relay of that node is gone; its lines break, or (silently) only stop. */
  nodeDied(node: number, silently: boolean): void;
}

/** What a line of a small world counts for: as many bytes as would wait in a large one. */
const BYTES_COUNT_FOR = 300;

export function createNetwork(parts: {
  timeline: Timeline;
  random: Random;
  delayMs: number;
  /** The relay that answers a new line, null when none does. */
  accept(caller: Caller): { node: number; open(connection: Connection): Session } | null;
  tap: Tap;
}): Network {
  const { timeline, random, delayMs, tap } = parts;
  const lines = new Set<Line>();
  let ids = 0;
  const delay = (): number => 1 + Math.floor(random.next() * delayMs);

  interface Line {
    wire: Wire;
    node: number;
    stalled: { up: boolean; down: boolean };
    cut(): void;
    silence(): void;
    flow(): void;
  }

  function sockets(caller: Caller): WebSocketClass {
    return class implements WebSocketLike {
      readyState = 0;
      bufferedAmount = 0;
      onopen: WebSocketLike['onopen'] = null;
      onmessage: WebSocketLike['onmessage'] = null;
      onclose: WebSocketLike['onclose'] = null;
      onerror: WebSocketLike['onerror'] = null;
      readonly send: (text: string) => void;
      readonly close: () => void;

      constructor() {
        const wire: Wire = { ...caller, id: ++ids, waiting: 0 };
        let underWay = 0;
        let session: Session | null = null;
        let isServerOpen = false;
        /** Nothing arrives any more, in either direction. */
        let isBroken = false;
        const last = { up: 0, down: 0 };
        const held: { up: (() => void)[]; down: (() => void)[] } = { up: [], down: [] };
        /** In order in each direction, as on one TCP connection. */
        const travel = (direction: 'up' | 'down', arrive: () => void): void => {
          last[direction] = Math.max(last[direction], timeline.now() + delay());
          timeline.after(last[direction] - timeline.now(), () => {
            if (isBroken) return;
            if (line.stalled[direction] || held[direction].length > 0) held[direction].push(arrive);
            else arrive();
          });
        };
        const clientEnds = (code: number, reason: string): void => {
          if (this.readyState === 3) return;
          this.readyState = 3;
          this.onerror?.({} as never);
          this.onclose?.({ code, reason });
        };
        const serverEnds = (): void => {
          if (!isServerOpen) return;
          isServerOpen = false;
          lines.delete(line);
          session?.closed();
        };
        const line: Line = {
          wire,
          node: -1,
          stalled: { up: false, down: false },
          cut() {
            isBroken = true;
            tap.ended(wire, 1006, 'network');
            timeline.after(delay(), () => clientEnds(1006, ''));
            timeline.after(delay(), serverEnds);
          },
          silence() {
            isBroken = true;
            isServerOpen = false;
            lines.delete(line);
          },
          flow() {
            line.stalled.up = line.stalled.down = false;
            if (isBroken) return;
            for (const direction of ['up', 'down'] as const) for (const arrive of held[direction].splice(0)) arrive();
          },
        };
        this.send = (text) => {
          if (this.readyState !== 1) return;
          travel('up', () => {
            if (!isServerOpen) return;
            tap.up(wire, text);
            session?.receive(text);
          });
        };
        this.close = () => {
          if (this.readyState === 3) return;
          this.readyState = 3;
          tap.ended(wire, 1000, 'client');
          travel('up', serverEnds);
        };
        const connection: Connection = {
          send: (text) => {
            if (!isServerOpen) return;
            wire.waiting = connection.bufferedBytes;
            tap.sent(wire, text);
            underWay += text.length * BYTES_COUNT_FOR;
            travel('down', () => {
              underWay -= text.length * BYTES_COUNT_FOR;
              if (this.readyState !== 1) return;
              tap.down(wire, text);
              this.onmessage?.({ data: text });
            });
          },
          close: (code, reason) => {
            tap.ended(wire, code, 'relay');
            travel('down', () => clientEnds(code, reason));
            // A peer that does not answer the closing handshake is left after a while.
            timeline.after(line.stalled.down ? 2_000 : delay() * 2, serverEnds);
          },
          get bufferedBytes() {
            return line.stalled.down ? underWay : 0;
          },
          remote: { address: caller.address, origin: caller.origin },
          door: caller.door,
        };
        timeline.after(delay(), () => {
          if (this.readyState !== 0) return;
          const answer = parts.accept(caller);
          if (answer === null) return clientEnds(1006, '');
          line.node = answer.node;
          lines.add(line);
          isServerOpen = true;
          session = answer.open(connection);
          this.readyState = 1;
          this.onopen?.({} as never);
        });
      }
    };
  }

  return {
    sockets,
    cut(isMeant) {
      for (const line of [...lines]) if (isMeant(line.wire)) line.cut();
    },
    stall(isMeant, direction) {
      for (const line of lines) {
        if (!isMeant(line.wire)) continue;
        if (direction !== 'down') line.stalled.up = true;
        if (direction !== 'up') line.stalled.down = true;
      }
    },
    flow() {
      for (const line of [...lines]) line.flow();
    },
    nodeDied(node, silently) {
      for (const line of [...lines]) {
        if (line.node !== node) continue;
        if (silently) line.silence();
        else line.cut();
        lines.delete(line);
      }
    },
  };
}

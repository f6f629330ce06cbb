import type { Clock } from '../clock.ts';
import type { WebSocketClass, WebSocketLike } from '../connection/types.ts';

/** One end of a line as a server sees it. */
export interface ServerEnd {
  /** The address the client asked for. */
  readonly url: string;
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** What a server does with one line. */
export interface ServerHandlers {
  message(text: string): void;
  /** The client closed, or the line broke. */
  closed(): void;
}

export type Accept = (end: ServerEnd) => ServerHandlers;

/** What the network between clients and a server can do to them. Everything happens at once for every line there is, or for the given ones. */
export interface FakeNetwork {
  /** The class to give to `createChat` and `createAgent`. */
  readonly WebSocket: WebSocketClass;
  /** Who answers. Without it nobody does. */
  accept: Accept | null;
  /** Time a message takes, each way. */
  delayMs: number;
  /** How new lines fare: `ok`; `refused` (fails at once); `silent` (a 101, then nothing, ever); `lost` (not even that). */
  mode: 'ok' | 'refused' | 'silent' | 'lost';
  /** Breaks every line now. What is on its way is lost; both ends see 1006. */
  cut(): void;
  /** Messages in that direction stop arriving, without any other sign; `flow` lets those that waited through, `forget` loses them. */
  stall(direction: 'up' | 'down' | 'both'): void;
  flow(): void;
  forget(): void;
  /** Looks at every message before it travels: return what arrives instead, `[]` loses it, twice doubles it. */
  meddle: ((text: string, direction: 'up' | 'down') => string[]) | null;
  /** Lines that are open now. */
  readonly open: number;
  /** Lines that were ever tried. */
  readonly tried: number;
  /** Everything that arrived, oldest first. */
  readonly traffic: { direction: 'up' | 'down'; text: string }[];
}

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

/** Sockets without a network: they do what they are told, when the clock says so. */
export function fakeNetwork({ clock, delayMs = 5 }: { clock: Clock; delayMs?: number }): FakeNetwork {
  const lines = new Set<{ cut(): void; flow(): void; forget(): void }>();
  const stalled = { up: false, down: false };

  class FakeWebSocket implements WebSocketLike {
    readyState = CONNECTING;
    bufferedAmount = 0;
    onopen: WebSocketLike['onopen'] = null;
    onmessage: WebSocketLike['onmessage'] = null;
    onclose: WebSocketLike['onclose'] = null;
    onerror: WebSocketLike['onerror'] = null;
    readonly send: (text: string) => void;
    readonly close: (code?: number) => void;

    constructor(url: string) {
      let server: ServerHandlers | null = null;
      let held: (() => void)[] = [];
      network.tried++;
      const { mode } = network;
      /** Runs after the delay, unless the line is gone by then; waits on while its direction is stalled. */
      const travel = (direction: 'up' | 'down', arrive: () => void) => {
        clock.after(network.delayMs, () => {
          if (!lines.has(line)) return;
          if (stalled[direction]) held.push(arrive);
          else arrive();
        });
      };
      const carry = (direction: 'up' | 'down', text: string, arrive: (text: string) => void) => {
        for (const sent of network.meddle?.(text, direction) ?? [text]) {
          travel(direction, () => {
            network.traffic.push({ direction, text: sent });
            arrive(sent);
          });
        }
      };
      const end = (code: number, reason: string) => {
        if (!lines.delete(line)) return;
        this.readyState = CLOSED;
        held = [];
        this.onerror?.({} as never);
        this.onclose?.({ code, reason });
      };
      const line = {
        cut() {
          if (!lines.has(line)) return;
          end(1006, '');
          server?.closed();
        },
        flow() {
          for (const arrive of held.splice(0)) if (lines.has(line)) arrive();
        },
        forget() {
          held = [];
        },
      };
      this.send = (text) => {
        if (this.readyState === CONNECTING) throw new DOMException('Still in CONNECTING state.', 'InvalidStateError');
        if (this.readyState === OPEN && mode === 'ok') carry('up', text, (arrived) => server?.message(arrived));
      };
      this.close = () => {
        if (!lines.delete(line)) return;
        this.readyState = CLOSED;
        clock.after(network.delayMs, () => server?.closed());
      };
      lines.add(line);
      if (mode === 'lost') return;
      clock.after(network.delayMs, () => {
        if (!lines.has(line)) return;
        if (mode === 'refused' || (mode === 'ok' && network.accept === null)) return end(1006, '');
        this.readyState = OPEN;
        if (mode === 'ok') {
          server = network.accept?.({
            url,
            send: (text) => {
              if (lines.has(line)) carry('down', text, (arrived) => this.onmessage?.({ data: arrived }));
            },
            close: (code, reason) => travel('down', () => end(code, reason)),
          }) as ServerHandlers;
        }
        this.onopen?.({} as never);
      });
    }
  }

  const network: FakeNetwork & { tried: number } = {
    WebSocket: FakeWebSocket as WebSocketClass,
    accept: null,
    delayMs,
    mode: 'ok',
    cut() {
      for (const line of [...lines]) line.cut();
    },
    stall(direction) {
      if (direction !== 'down') stalled.up = true;
      if (direction !== 'up') stalled.down = true;
    },
    flow() {
      stalled.up = stalled.down = false;
      for (const line of [...lines]) line.flow();
    },
    forget() {
      for (const line of lines) line.forget();
    },
    meddle: null,
    get open() {
      return lines.size;
    },
    tried: 0,
    traffic: [],
  };
  return network;
}

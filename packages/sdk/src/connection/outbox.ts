import {
  type CommandFrame,
  type Consent,
  type FormAnswers,
  LIMITS,
  type Nack,
  type OutgoingBlock,
} from '@sveiki/protocol';
import type { Clock } from '../clock.ts';
import type { KeyValueStorage } from '../host/types.ts';
import { fits } from '../state/fits.ts';
import { reconnectDelay } from './reconnect.ts';

/** What a visitor does beside saying something. */
export type VisitorAct =
  | { type: 'request-human' | 'cancel-handoff' | 'withdraw-consent'; conversation?: string | undefined }
  | {
      type: 'answer';
      conversation?: string | undefined;
      ask: string;
      answers: FormAnswers;
      partial?: true | undefined;
    };

/**
 * A message that is not in the log yet, or an act that is not acknowledged. It lies on disk and travels between tabs as it is, so its names stay as
 * they are.
 */
export interface Unsent {
  /** None for an act. */
  blocks: OutgoingBlock[];
  at: number;
  /** What was filled in before a first message. */
  before?: { form: string; answers: FormAnswers } | undefined;
  act?: VisitorAct;
  /** The work that was asked for. */
  proof?: string;
  /** Its files are on their way to the relay; it goes out when they are there. Grows as long as somebody is at it. */
  waits?: number;
  /** Refused for good. */
  error?: { code: string; message: string };
  /** Stored as this number; waits here, no longer on disk, for its event. */
  seq?: number;
}

const shape = { blocks: [{ kind: '', text: '' }], at: 0 } as const;

export type Outbox = ReturnType<typeof createOutbox>;

/**
 * Messages that must survive until the relay has stored them: one key each, so that tabs never overwrite each other. Ids sort by time, so their
 * order is the order they were written in.
 */
export function createOutbox(parts: {
  _storage: KeyValueStorage;
  _clock: Clock;
  _random: () => number;
  /** Where a message goes: decided when it is sent, because only then it is known which conversation goes on. */
  _conversation(): string;
  /** Blocks without what is not for the relay; null while that cannot be said. */
  _mask(blocks: OutgoingBlock[]): OutgoingBlock[] | null | undefined;
  /** What the visitor agreed to. */
  _consent(): Consent | null | undefined;
  /** False when it cannot be sent now. */
  _send(frame: CommandFrame): boolean;
}) {
  const { _storage: storage, _clock: clock } = parts;
  const prefix = 'out:';
  let entries: ReadonlyMap<string, Unsent> = new Map();
  const inFlight = new Set<string>();
  let cancelHold: (() => void) | null = null;
  let refusals = 0;

  /** Keeps one on disk (not what is stored already), or forgets it. */
  function put(id: string, unsent: Unsent | null) {
    const next = new Map(entries).set(id, unsent as Unsent);
    if (!unsent) next.delete(id);
    entries = new Map([...next].sort(([a], [b]) => (a < b ? -1 : 1)));
    if (unsent && !unsent.seq) storage.set(prefix + id, JSON.stringify(unsent));
    else storage.remove(prefix + id);
  }

  /** Whether it is not stored yet. */
  const waits = (id: string) => entries.has(id) && !entries.get(id)!.seq;

  function release() {
    cancelHold?.();
    cancelHold = null;
  }

  /** Sends what may be sent now, in order, within the window of unanswered ones. */
  function pump() {
    if (cancelHold) return;
    for (const [id, unsent] of entries) {
      const { before, proof, act, waits, error, seq } = unsent;
      if (waits || error || seq || inFlight.has(id)) continue;
      if (inFlight.size >= LIMITS.maxUnacked) return;
      const blocks = parts._mask(unsent.blocks);
      if (!blocks) return;
      // What is on screen and on disk is what will be stored.
      if (blocks !== unsent.blocks) put(id, { ...unsent, blocks });
      const conversation = act?.conversation ?? parts._conversation();
      const consent = parts._consent() ?? undefined;
      // What is undefined does not get into the JSON.
      const frame = act
        ? { ...act, id, conversation }
        : { type: 'send', id, conversation, blocks, before, proof, consent };
      if (!parts._send(frame as CommandFrame)) return;
      inFlight.add(id);
    }
  }

  /** Waits for no earlier answer any more. Harmless: an id is stored once. */
  function again() {
    inFlight.clear();
    pump();
  }

  return {
    _entries: () => entries,
    _waits: waits,
    _put: put,
    _pump: pump,
    /** Reads the disk: what earlier pages and other tabs left there. */
    _load() {
      const found: [string, Unsent][] = [];
      for (const key of storage.keys().sort()) {
        if (!key.startsWith(prefix)) continue;
        try {
          const unsent: unknown = JSON.parse(storage.get(key) ?? '');
          if (fits(unsent, shape)) found.push([key.slice(prefix.length), unsent as Unsent]);
        } catch {}
      }
      entries = new Map(found);
    },
    /** A new line, or the end of it: nothing is sent until it is known what is stored already, … */
    _pause() {
      release();
      cancelHold = () => {};
    },
    /** … then the rest again, with its old ids and in order. */
    _restart() {
      release();
      again();
    },
    _again: again,
    /** Somebody has done the work for it: it need not wait any longer. */
    _proved(id: string, proof: string) {
      if (!waits(id)) return;
      put(id, { ...entries.get(id)!, proof });
      release();
      again();
    },
    /** Stored as this number. */
    _stored(id: string, seq: number) {
      const stored = entries.get(id);
      if (stored) put(id, { ...stored, seq });
      inFlight.delete(id);
      refusals = 0;
      pump();
    },
    /** Not stored: kept as failed, or held with everything after it until it may be tried again. */
    _refused({ id, retry, retryAfterMs, code, message }: Nack) {
      const refused = entries.get(id);
      const mine = inFlight.delete(id);
      if (!refused || refused.seq) return;
      if (retry === 'later') {
        if (!mine) return;
        // Messages that went out together are refused together: one round, however many answers it has.
        if (!cancelHold) refusals++;
        release();
        const delay = reconnectDelay(
          { code: 0, attempt: refusals - 1, notBeforeMs: Number(retryAfterMs) || 0 },
          parts._random,
        );
        cancelHold = clock.after(delay ?? 0, () => {
          cancelHold = null;
          pump();
        });
      } else if (refused.act) put(id, null);
      else put(id, { ...refused, error: { code: `${code}`, message: `${message}` } });
      pump();
    },
    /** Its event is in the log. */
    _arrived(id: string) {
      if (entries.has(id)) put(id, null);
      if (inFlight.delete(id)) pump();
    },
  };
}

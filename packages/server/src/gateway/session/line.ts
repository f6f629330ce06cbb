import { CLOSE_CODES, ERRORS, type ErrorCode, type FromServer, LIMITS } from '@sveiki/protocol';
import type { Refusal } from '../../domain/refusal.ts';
import type { Metrics } from '../../metrics.ts';
import type { Connection } from '../../ports.ts';

/** A connection with the rules of the protocol on it: frames are counted, slow readers are left, and nothing is sent after the end. */
export class Line {
  readonly connection: Connection;
  readonly #metrics: Metrics;
  #ended = false;

  constructor(connection: Connection, metrics: Metrics) {
    this.connection = connection;
    this.#metrics = metrics;
  }

  get ended(): boolean {
    return this.#ended;
  }

  send(frame: FromServer): void {
    this.sendText(frame.type, JSON.stringify(frame));
  }

  /** Sends a frame that was built once for many readers. */
  sendText(type: FromServer['type'], text: string): void {
    if (this.#ended) return;
    this.#metrics.framesOut(type, 1);
    this.connection.send(text);
    if (this.connection.bufferedBytes > LIMITS.slowReaderBytes) this.close(CLOSE_CODES.slowReader, 'reads too slowly');
  }

  /** Sends what may be lost: left out when the reader is behind. */
  sendEphemeral(type: FromServer['type'], text: string): void {
    if (this.#ended) return;
    if (this.connection.bufferedBytes > LIMITS.ephemeralDropBytes) this.#metrics.dropped(1);
    else this.sendText(type, text);
  }

  /** The answer to most commands. Ids are checked or made here and have no character that JSON would escape. */
  ack(id: string, conversation: string, seq: number, at: number): void {
    this.sendText('ack', `{"type":"ack","id":"${id}","conversation":"${conversation}","seq":${seq},"at":${at}}`);
  }

  nack(
    id: string,
    code: ErrorCode,
    retryAfterMs?: number,
    more: Pick<Refusal, 'problems' | 'message' | 'challenge'> = {},
  ): void {
    const { sentence, retry } = ERRORS[code];
    this.send({
      type: 'nack',
      id,
      code,
      message: more.message ?? sentence,
      retry,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(more.challenge === undefined ? {} : { challenge: more.challenge }),
      ...(more.problems === undefined ? {} : { problems: [...more.problems] }),
    });
  }

  error(code: ErrorCode, options: { detail?: string; retryAfterMs?: number } = {}): void {
    const { sentence, retry } = ERRORS[code];
    this.send({ type: 'error', code, message: sentence, retry, ...options });
  }

  /** The store does not answer, so this reader would miss something from here on: he comes back and resumes from what he has. */
  behind(): void {
    this.close(CLOSE_CODES.tryLater, 'not able to answer now');
  }

  close(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#metrics.closes(code);
    this.connection.close(code, reason);
  }

  /** The other side is gone: nothing is sent any more. */
  end(): void {
    this.#ended = true;
  }
}

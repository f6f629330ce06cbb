import { ERRORS } from '@sveiki/protocol';
import type { Command, Outcome } from '../../commands/command.ts';
import type { Refusal } from '../../domain/refusal.ts';

/** What a chain remembers of refused ones at most; who keeps to `LIMITS.maxUnacked` never has so many. */
const MAX_REFUSED = 64;
const MAX_CHAINS = 1_000;

interface Pending {
  id: string;
  /** Its place among all that was sent in this chain. */
  place: number;
  /** One before it was refused, so it is too. */
  doom: Refusal | null;
}
interface Chain {
  pending: Pending[];
  /** Refused and not sent again yet, in their order; `at` counts refusals. */
  refused: { id: string; place: number; at: number }[];
  why: Refusal;
}

/**
 * Keeps what one author sends over one line in its order when something of it is refused for a while: everything after it is refused, too, until
 * a refused one is sent again. Sending one again gives up those before it. A chain is what has an order: an agent's messages and notes in one
 * conversation, all that a visitor sends. @see SPEC [M4]
 */
export class SendOrder {
  readonly #chains = new Map<string, Chain>();
  #places = 0;
  #refusals = 0;

  /** Why this one must wait, or null. */
  heldBack(key: string, id: string): Refusal | null {
    const chain = this.#chains.get(key);
    if (chain === undefined) return null;
    const again = chain.refused.find((one) => one.id === id);
    const isBefore = ({ place }: { place: number }) => again === undefined || place < again.place;
    // Answers go out in order: who tries one again has heard of what was refused before its own refusal, and of nothing later.
    const isFree =
      chain.refused.every((one) => !isBefore(one) || (again !== undefined && one.at < again.at)) &&
      chain.pending.every((one) => !isBefore(one) || one.doom === null);
    if (isFree) return null;
    this.#note(chain, id, this.#placeOf(chain, id));
    return chain.why;
  }

  /** This one was refused before it became a command. */
  refused(key: string, id: string, why: Refusal): void {
    const chain = this.#chain(key);
    this.#refuse(chain, { id, place: this.#placeOf(chain, id), doom: null }, why);
    this.#tidy(key, chain);
  }

  /** The command, refused when one before it is. */
  inOrder(key: string, command: Command): Command {
    const chain = this.#chain(key);
    const { id } = command;
    const one: Pending = { id, place: this.#placeOf(chain, id), doom: null };
    if (chain.refused.length > 0) chain.refused = chain.refused.filter(({ place }) => place > one.place);
    chain.pending.push(one);
    return {
      ...command,
      decide: (view) => one.doom ?? command.decide(view),
      settled: (outcome: Outcome) => {
        chain.pending.splice(chain.pending.indexOf(one), 1);
        if (!outcome.done) this.#refuse(chain, one, outcome);
        this.#tidy(key, chain);
      },
    };
  }

  #refuse(chain: Chain, { id, place }: Pending, { refused, retryAfterMs }: Refusal): void {
    if (ERRORS[refused].retry !== 'later') return;
    chain.why = retryAfterMs === undefined ? { refused } : { refused, retryAfterMs };
    this.#note(chain, id, place);
    for (const later of chain.pending) if (later.place > place) later.doom ??= chain.why;
  }

  #note(chain: Chain, id: string, place: number): void {
    const at = ++this.#refusals;
    const others = chain.refused.filter((one) => one.id !== id);
    if (others.length < MAX_REFUSED)
      chain.refused = [...others, { id, place, at }].toSorted((a, b) => a.place - b.place);
  }

  #placeOf(chain: Chain, id: string): number {
    const known = chain.refused.find((one) => one.id === id) ?? chain.pending.find((one) => one.id === id);
    return known?.place ?? ++this.#places;
  }

  #chain(key: string): Chain {
    let chain = this.#chains.get(key);
    if (chain === undefined) {
      chain = { pending: [], refused: [], why: { refused: 'unavailable' } };
      this.#chains.set(key, chain);
      if (this.#chains.size > MAX_CHAINS) {
        const [oldest] = this.#chains.keys();
        if (oldest !== undefined) this.#chains.delete(oldest);
      }
    }
    return chain;
  }

  #tidy(key: string, chain: Chain): void {
    if (chain.pending.length === 0 && chain.refused.length === 0 && this.#chains.get(key) === chain)
      this.#chains.delete(key);
  }
}

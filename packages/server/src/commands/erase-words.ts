import type { EventBody } from '@sveiki/protocol';
import type { Draft } from '../domain/log.ts';
import { refuse } from '../domain/refusal.ts';
import type { Command } from './command.ts';

type Erased = Extract<EventBody, { kind: 'erased' }>;

/** Says in a conversation that words of it are gone; overwriting what is stored of them follows. A person's ends with it. */
export function eraseWords(id: string, conversation: string, erased: Omit<Erased, 'kind'>): Command {
  return {
    author: 's:erasure',
    id,
    needs: [conversation],
    decide(view) {
      const state = view.state(conversation);
      const site = view.siteOf(conversation);
      if (state === null || site === null) return refuse('not-found');
      const drafts: Draft[] = [];
      if (erased.visitor !== undefined && state.status !== 'resolved')
        drafts.push({ actor: { kind: 'system' }, audience: 'public', body: { kind: 'resolved' } });
      const body: Erased = { kind: 'erased', ...erased };
      return {
        conversation,
        site,
        drafts: [...drafts, { actor: { kind: 'system' }, audience: 'public', body, primary: true }],
      };
    },
  };
}

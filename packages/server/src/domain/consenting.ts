import type { Consent, ConversationState } from '@sveiki/protocol';
import type { Draft } from './log.ts';
import { type Refusal, refuse } from './refusal.ts';

/**
 * What a visitor agreed to is written before what he says. Nothing is, where the site asks for nothing or this text was agreed to in this
 * conversation. `wanted` is the version that the site asks for. @see SPEC [K3]
 */
export function consentBefore(
  state: ConversationState | null,
  visitor: string,
  wanted: string | null,
  given: Consent | undefined,
): Draft[] | Refusal {
  if (wanted === null || (state?.consent?.given === true && state.consent.version === wanted)) return [];
  if (given?.version !== wanted) return refuse('consent-required');
  return [consent(visitor, given, true)];
}

/** Taking it back is always possible; when nothing was given there is nothing to write. @see SPEC [K4] */
export function withdraw(state: ConversationState): Draft[] {
  return state.consent?.given === true ? [consent(state.visitor.id, state.consent, false)] : [];
}

function consent(visitor: string, { version, language }: Consent, given: boolean): Draft {
  return {
    actor: { kind: 'visitor', id: visitor },
    audience: 'public',
    body: { kind: 'consent', given, version, language },
  };
}

import type { Presence } from '@sveiki/sdk/agent';
import { initials, tintOf } from '../models/people.ts';
import { texts } from '../texts.ts';
import { Icon } from './icon.tsx';

export function Avatar(props: { id: string; name: string | null; size?: 'small' | 'large' }) {
  const letters = initials(props.name);
  return (
    <span class={`avatar tint-${tintOf(props.id)} ${props.size ?? ''}`} aria-hidden="true">
      {letters === '' ? <Icon name="person" size={props.size === 'small' ? 14 : 18} /> : letters}
    </span>
  );
}

/** A shape for each presence, so that colour is not needed; the word goes along for screen readers unless it stands beside it. */
export function PresenceMark({ presence, isNamed = false }: { presence: Presence; isNamed?: boolean }) {
  return (
    <span class={`presence ${presence}`}>{!isNamed && <span class="unseen">{texts.presence[presence]}</span>}</span>
  );
}

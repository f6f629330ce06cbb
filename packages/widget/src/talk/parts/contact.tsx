import { live } from '../../panel/live.ts';
import type { Scene } from '../talk.tsx';
import { link } from './text.tsx';

/** Where a way leads to; `mail` is what an e-mail begins with. */
const leads: { readonly [kind: string]: (text: string, mail: string) => string } = {
  email: (text, mail) => `mailto:${text}${mail}`,
  phone: (text) => `tel:${text.replace(/[^+\d]/g, '')}`,
  url: (text) => text,
};

/** Ways to reach the site, in its own order. They came over the wire: what is not known is left out. */
export const waysOf = (contact: unknown): [kind: string, text: string][] =>
  Object.entries(Object(contact)).filter(
    (way): way is [string, string] => Object.hasOwn(leads, way[0]) && typeof way[1] === 'string',
  );

/** What leads nowhere is shown as it is written. An address runs its own way, the line that it stands in runs with the panel. */
export const Ways = ({ contact, mail = '' }: { contact: unknown; mail?: string }) => (
  <ul>
    {waysOf(contact).map(([kind, text]) => (
      <li key={kind}>{link(leads[kind]?.(text, mail), <bdi>{text}</bdi>)}</li>
    ))}
  </ul>
);

/** How else to reach the site, when nobody can write here. */
export const Contact = live(({ _model: model }: Scene) => {
  const contact = (model._state.value.site ?? model._known.value)?.contact;
  if (waysOf(contact).length === 0) return null;
  return (
    <div class="problem contact">
      {model._words.value.elsewhere}
      <Ways contact={contact} />
    </div>
  );
});

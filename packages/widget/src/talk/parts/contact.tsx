import { live } from '../../panel/live.ts';
import type { Scene } from '../talk.tsx';
import { link } from './text.tsx';

/** How else to reach the site, when nobody can write here. What leads nowhere is shown as it is written. */
export const Contact = live(({ _model: model }: Scene) => {
  const { email, phone, url } = model._state.value.site?.contact ?? {};
  const ways = [
    [email, `mailto:${email}`],
    [phone, `tel:${`${phone}`.replace(/[^+\d]/g, '')}`],
    [url, url],
  ].filter(([text]) => typeof text === 'string');
  if (ways.length === 0) return null;
  return (
    <div class="problem contact">
      {model._words.value.elsewhere}
      <ul>
        {ways.map(([text, address]) => (
          <li key={text} dir="auto">
            {link(address, text)}
          </li>
        ))}
      </ul>
    </div>
  );
});

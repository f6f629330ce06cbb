import { companyOf, type Doing } from '../models/company.ts';
import { listNames } from '../models/people.ts';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Icon, type IconName } from './icon.tsx';

export const doingIcons: Record<Doing, IconName> = { replying: 'pencil', noting: 'lock', looking: 'eye' };

/** Colleagues in the same conversation: those who write to the visitor, those who write a note, those who look. Two should not answer at once. */
export function Company() {
  const { conversation } = useDesk();
  const company = companyOf(conversation.watched.value?.viewers ?? []);
  if (company.length === 0) return null;
  return (
    <div class="company">
      <div class="measure">
        {company.map(({ doing, names }) => (
          <p key={doing} class={`company-line ${doing}`}>
            <Icon name={doingIcons[doing]} size={14} />
            <span>{texts.conversation.company[doing](listNames(names), names.length > 1)}</span>
          </p>
        ))}
      </div>
    </div>
  );
}

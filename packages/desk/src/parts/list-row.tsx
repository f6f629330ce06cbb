import type { Row } from '../models/inbox.ts';
import { formatRoute, type View } from '../models/route.ts';
import { texts } from '../texts.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';
import { memo } from './memo.ts';

/** One conversation in a list. The link's text is read as a sentence: name, wait, last words, what is unread. */
export const ListRow = memo<{
  row: Row;
  /** The list it stands in. */
  view: View;
  isSelected: boolean;
  isActive: boolean;
  showsOwner: boolean;
  onOpen: (event: MouseEvent, id: string) => void;
}>(({ row, view, isSelected, isActive, showsOwner, onOpen }) => (
  <li>
    <a
      id={`row-${row.id}`}
      class={`row ${row.heavy ? 'heavy' : ''} ${row.status}`}
      href={formatRoute({ view, conversation: row.id })}
      aria-current={isSelected ? 'true' : undefined}
      tabIndex={isActive ? 0 : -1}
      data-active={isActive ? '' : undefined}
      onClick={(event) => onOpen(event, row.id)}
    >
      <Avatar id={row.visitor} name={row.isNamed ? row.name : null} />
      <span class="row-name">
        <bdi>{row.name}</bdi>
      </span>{' '}
      <Ages row={row} />{' '}
      <span class="row-text">
        {row.by !== '' && <b>{row.by} </b>}
        <bdi>{row.preview}</bdi>
      </span>{' '}
      <span class="row-marks">
        {row.status === 'waiting' && (
          <span class="mark waiting">
            <Icon name="waiting" size={14} />
            <span class="unseen">{texts.lists.waiting} </span>
          </span>
        )}
        {row.handoff !== null && (
          <span class="mark wants-person" title={row.handoff}>
            <Icon name="handoff" size={14} />
            <span class="unseen">{row.handoff} </span>
          </span>
        )}
        {showsOwner && row.owner !== null && row.ownerId !== null && (
          <span class="mark owner" title={row.owner}>
            {row.isBots && <Icon name="bot" size={14} />}
            <bdi>{row.isBots ? row.owner : row.owner.split(' ')[0]}</bdi>{' '}
          </span>
        )}
        {row.language !== null && <span class="mark language">{row.language}</span>}{' '}
        {row.unread > 0 && (
          <span class="unread">
            <span aria-hidden="true">{row.unread > 99 ? '99+' : row.unread}</span>
            <span class="unseen">{texts.lists.unread(row.unread)}</span>
          </span>
        )}
        {row.unread === 0 && row.heavy && (
          <span class="dot">
            <span class="unseen">{texts.lists.unanswered}</span>
          </span>
        )}
      </span>
    </a>
  </li>
));

/** The age the list is ordered by; before it the wait for an answer, where that is another one. An icon says what is counted. */
function Ages({ row: { age, ageOf, unanswered } }: { row: Row }) {
  const words = { queue: texts.lists.waits, answer: texts.lists.noAnswer, past: (words: string) => words }[ageOf](
    age.words,
  );
  return (
    <span class="row-ages">
      {unanswered !== null && (
        <>
          <span class={`age ${unanswered.level}`} title={texts.lists.noAnswer(unanswered.words)}>
            <Icon name="clock" size={14} />
            <span aria-hidden="true">{unanswered.text}</span>
            <span class="unseen">{texts.lists.noAnswer(unanswered.words)}</span>
          </span>{' '}
        </>
      )}
      <span class={`age ${age.level}`} title={words}>
        {ageOf !== 'past' && <Icon name={ageOf === 'queue' ? 'queue' : 'clock'} size={14} />}
        <span aria-hidden="true">{age.text}</span>
        <span class="unseen">{words}</span>
      </span>
    </span>
  );
}

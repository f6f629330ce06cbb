import { useRef } from 'preact/hooks';
import { doingOf } from '../models/company.ts';
import { formatRoute } from '../models/route.ts';
import { clockTime } from '../models/times.ts';
import { Avatar, PresenceMark } from '../parts/avatar.tsx';
import { doingIcons } from '../parts/company.tsx';
import { useDesk } from '../parts/desk-context.ts';
import { useFocusWish } from '../parts/focus-wish.ts';
import { safeHref } from '../parts/href.ts';
import { Icon } from '../parts/icon.tsx';
import { texts } from '../texts.ts';

const words = texts.person;

/** The third pane: the person first, then this visit, then what was before. */
export function Details() {
  const { screen, person } = useDesk();
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusWish('details', () => heading.current?.focus());
  return (
    <section
      class="pane details"
      aria-label={words.label}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !screen.isWide.value) screen.toggleDetails();
      }}
    >
      <div class="details-head">
        <h2 ref={heading} tabIndex={-1}>
          {words.heading}
        </h2>
        <button
          type="button"
          class="button icon-only quiet"
          aria-label={words.hide}
          onClick={() => screen.toggleDetails()}
        >
          <Icon name="close" />
        </button>
      </div>
      {person.details.value === null ? (
        <p class="details-part hint">{words.nothing}</p>
      ) : (
        <>
          <Person />
          <Visit />
          <Why />
          <Here />
          <Earlier />
        </>
      )}
    </section>
  );
}

function Person() {
  const { person } = useDesk();
  const details = person.details.value;
  if (details === null) return null;
  return (
    <section class="details-part person">
      <div class="person-top">
        <Avatar id={details.id} name={details.isNamed ? details.name : null} size="large" />
        <div class="person-words">
          <h3>
            <bdi title={details.wholeName}>{details.wholeName}</bdi>
          </h3>
          {details.isKnown && (
            <p class="hint">
              <PresenceMark presence={details.online ? 'online' : 'offline'} isNamed />{' '}
              {details.online ? words.online : words.offline}
            </p>
          )}
        </div>
      </div>
      {details.isKnown && (
        <p class={`trust ${details.verified ? 'verified' : ''}`}>
          <Icon name={details.verified ? 'shield' : 'person'} size={16} />
          <span>
            <b>{details.verified ? words.verified : words.unverified}</b>
            <span class="hint"> {details.verified ? words.verifiedHint : words.unverifiedHint}</span>
          </span>
        </p>
      )}
      <dl class="facts">
        {details.email !== null && (
          <div>
            <dt>{texts.signIn.email}</dt>
            <dd>
              <a href={safeHref(`mailto:${encodeURIComponent(details.email)}`) ?? '#'}>
                <bdi>{details.email}</bdi>
              </a>
            </dd>
          </div>
        )}
        {details.customer !== null && (
          <div>
            <dt>{words.customer}</dt>
            <dd>
              <bdi>{details.customer}</bdi>
            </dd>
          </div>
        )}
        {details.localTime !== null && (
          <div>
            <dt>{words.localTime}</dt>
            <dd>
              <span class="local-time">{details.localTime.time}</span> {details.localTime.place}
              <span class="hint under">{details.localTime.difference}</span>
            </dd>
          </div>
        )}
        {details.language !== null && (
          <div>
            <dt>{words.language}</dt>
            <dd>{details.language}</dd>
          </div>
        )}
        {details.firstSeen !== null && (
          <div>
            <dt>{words.firstSeen}</dt>
            <dd>{details.firstSeen.words}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Visit() {
  const { person } = useDesk();
  const page = person.details.value?.page ?? null;
  const visit = person.visit.value;
  if (visit === null) return null;
  return (
    <section class="details-part">
      <h3>{words.visit}</h3>
      <dl class="facts">
        <div>
          <dt>{words.page}</dt>
          <dd>{page === null ? words.noPage : <PageLink page={page} />}</dd>
        </div>
        <div>
          <dt>{words.started}</dt>
          <dd title={visit.startedAt}>{visit.started.words}</dd>
        </div>
        {visit.team !== null && (
          <div>
            <dt>{words.team}</dt>
            <dd>
              <bdi>{visit.team}</bdi>
            </dd>
          </div>
        )}
        {visit.reopened > 0 && (
          <div>
            <dt>{words.reopened}</dt>
            <dd>{words.times(visit.reopened)}</dd>
          </div>
        )}
        {visit.wrapUp !== null && (
          <div>
            <dt>{words.wrapUp}</dt>
            <dd>
              <bdi>{visit.wrapUp}</bdi>
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

/** Why it came to whoever has it: what routing decided, and what it needs. */
function Why() {
  const { conversation, around } = useDesk();
  const arrival = conversation.arrival.value;
  if (arrival === null) return null;
  const why = texts.arrival;
  const facts: [label: string, value: string][] = [];
  if (arrival.decision !== null) facts.push([why.decision, arrival.decision]);
  if (arrival.skills !== null) facts.push([why.skills, arrival.skills]);
  if (arrival.priority !== null) facts.push([why.priority, String(arrival.priority)]);
  if (arrival.weight !== null) facts.push([why.weight, why.weightHint(arrival.weight)]);
  if (arrival.kept !== null)
    facts.push([why.kept, why.keptUntil(arrival.kept.agent, clockTime(arrival.kept.until, around.timeZone))]);
  return (
    <section class="details-part">
      <h3>{why.heading}</h3>
      {arrival.how !== null && <p class="why-how">{arrival.how}</p>}
      {arrival.isFallback && (
        <p class="why-fallback">
          <Icon name="warning" size={14} />
          {why.fallback}
        </p>
      )}
      <dl class="facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The address comes from the visitor's browser, so only real web addresses become links. */
function PageLink({ page }: { page: { url: string; name: string; whole: string; address: string } }) {
  const href = page.url.startsWith('http') ? safeHref(page.url) : null;
  const name = <bdi title={page.whole}>{page.name}</bdi>;
  return (
    <>
      {href === null ? (
        name
      ) : (
        <a href={href} target="_blank" rel="noopener noreferrer nofollow" class="page-link">
          {name}
          <Icon name="external" size={14} />
          <span class="unseen"> {words.newTab}</span>
        </a>
      )}
      {page.whole !== page.address && (
        <span class="hint address" dir="ltr" title={page.address}>
          {page.address}
        </span>
      )}
    </>
  );
}

function Here() {
  const { person } = useDesk();
  const viewers = person.viewers.value;
  return (
    <section class="details-part">
      <h3>{words.here}</h3>
      {viewers.length === 0 ? (
        <p class="hint">{words.nobodyHere}</p>
      ) : (
        <ul class="plain-list">
          {viewers.map((viewer) => (
            <li key={viewer.id} class="viewer">
              <Avatar id={viewer.id} name={viewer.name} size="small" />
              <bdi>{viewer.name}</bdi>
              <span class="hint">
                <Icon name={doingIcons[doingOf(viewer)]} size={14} /> {words.doing[doingOf(viewer)]}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Earlier() {
  const { person, routing, screen } = useDesk();
  const earlier = person.earlier.value;
  const view = routing.route.value.view;
  return (
    <section class="details-part">
      <h3>{words.earlier}</h3>
      {person.problem.value !== null && (
        <p class="hint">
          {person.problem.value}{' '}
          <button type="button" class="link" onClick={() => void person.loadMore()}>
            {texts.lists.retry}
          </button>
        </p>
      )}
      {earlier.length === 0 && person.isComplete.value && <p class="hint">{words.noEarlier}</p>}
      <ul class="plain-list earlier">
        {earlier.map((one) => (
          <li key={one.id}>
            <a
              class="earlier-link"
              href={formatRoute({ view, conversation: one.id })}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
                event.preventDefault();
                routing.go({ conversation: one.id });
                screen.closeDrawer();
                screen.focusOn('conversation');
              }}
            >
              <span class="earlier-text" dir="auto">
                {one.text}
              </span>
              <span class="hint">
                {one.date} · {one.wrapUp ?? texts.conversation.status[one.status]}
              </span>
            </a>
          </li>
        ))}
      </ul>
      {person.hasMore.value && (
        <button
          type="button"
          class="button quiet"
          aria-disabled={person.isBusy.value}
          onClick={() => void person.loadMore()}
        >
          {words.more}
        </button>
      )}
    </section>
  );
}

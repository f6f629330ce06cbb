import { useState } from 'preact/hooks';
import { visitorName } from '../models/people.ts';
import { mostMarked } from '../models/spam.ts';
import { fullTime, pastAge } from '../models/times.ts';
import { useDesk } from '../parts/desk-context.ts';
import { Field } from '../parts/field.tsx';
import { ConversationLink, PageFrame, PageProblem } from '../parts/page.tsx';
import { texts } from '../texts.ts';

const words = texts.blocked;
const dayMs = 86_400_000;
const times = [dayMs, 7 * dayMs, 30 * dayMs, null] as const;

/** Who may not write, and what was marked as spam. */
export function BlockedPage() {
  const { spamPage } = useDesk();
  return (
    <PageFrame heading={words.heading} back={{ label: texts.pages.team, page: 'team', detail: '' }}>
      {!spamPage.isLead.value && <p class="hint">{words.forLeads}</p>}
      {spamPage.problem.value !== null && (
        <PageProblem
          text={words.failed(spamPage.problem.value)}
          label={texts.lists.retry}
          onRetry={() => void spamPage.load()}
        />
      )}
      {spamPage.isLead.value && (
        <>
          <NewBlock />
          <Blocks />
          <Marked />
        </>
      )}
    </PageFrame>
  );
}

function NewBlock() {
  const { spamPage } = useDesk();
  const [network, setNetwork] = useState('');
  const [reason, setReason] = useState('');
  const [time, setTime] = useState(0);

  async function submit(event: Event) {
    event.preventDefault();
    if (!(await spamPage.block(network, { reason: reason.trim(), forMs: times[time] ?? null }))) return;
    setNetwork('');
    setReason('');
  }

  return (
    <form class="page-part stack" onSubmit={(event) => void submit(event)}>
      <Field label={words.network} hint={words.networkHint} problem={spamPage.refused.value}>
        {(field) => (
          <input
            {...field}
            type="text"
            maxLength={80}
            autocomplete="off"
            spellcheck={false}
            value={network}
            onInput={(event) => setNetwork(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label={words.reason} problem={null}>
        {(field) => (
          <input
            {...field}
            type="text"
            maxLength={200}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label={words.howLong} problem={null}>
        {(field) => (
          <select {...field} onChange={(event) => setTime(event.currentTarget.selectedIndex)}>
            {words.times.map((text, index) => (
              <option key={text} selected={index === time}>
                {text}
              </option>
            ))}
          </select>
        )}
      </Field>
      <p>
        <button type="submit" class="button primary" aria-disabled={spamPage.isBusy.value}>
          {words.button}
        </button>
      </p>
    </form>
  );
}

function Blocks() {
  const { spamPage, state, around } = useDesk();
  const blocks = spamPage.found.value?.blocks;
  const nameOf = (id: string) => state.value.agents.find((agent) => agent.id === id)?.name ?? id;
  return (
    <section class="page-part" aria-labelledby="blocks-heading">
      <h3 id="blocks-heading">{words.list}</h3>
      {blocks === undefined && spamPage.problem.value === null && (
        <p class="hint late" role="status">
          {texts.lists.loading}
        </p>
      )}
      {blocks?.length === 0 && <p class="hint">{words.none}</p>}
      <ul class="failure-rows">
        {blocks?.map(({ id, kind, target, reason, conversation, createdBy, expiresAt }) => {
          const name = kind === 'visitor' ? visitorName({ id: target, name: null }) : target;
          return (
            <li key={id} class="failure-row">
              <div>
                <p>
                  <b>
                    <bdi>{name}</bdi>
                  </b>{' '}
                  {reason !== '' && <bdi>{reason}</bdi>}
                </p>
                <p class="hint">
                  {expiresAt === null ? words.forEver : words.until(fullTime(expiresAt, around.timeZone))}
                  {' · '}
                  {words.by(nameOf(createdBy))}
                  {conversation !== null && (
                    <>
                      {' · '}
                      <ConversationLink id={conversation}>{texts.teamPage.conversation}</ConversationLink>
                    </>
                  )}
                </p>
              </div>
              <button
                type="button"
                class="button"
                aria-label={words.unblockOf(name)}
                aria-disabled={spamPage.isBusy.value}
                onClick={() => void spamPage.unblock(id)}
              >
                {words.unblock}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Marked() {
  const { spamPage, now, around } = useDesk();
  const spam = spamPage.found.value?.spam;
  return (
    <section class="page-part" aria-labelledby="marked-heading">
      <h3 id="marked-heading">{words.marked}</h3>
      {spam?.length === 0 && <p class="hint">{words.noneMarked}</p>}
      {spam !== undefined && spam.length >= mostMarked && <p class="hint">{words.newestMarked(mostMarked)}</p>}
      <ul class="failure-rows">
        {spam?.map(({ conversation, visitor, at, text }) => (
          <li key={conversation} class="failure-row">
            <div>
              <p>
                <ConversationLink id={conversation}>
                  <bdi>{visitorName(visitor)}</bdi>
                </ConversationLink>{' '}
                <span class="hint">{pastAge(at, now.value, around.timeZone).words}</span>
              </p>
              <p class="failure-text">
                <bdi>{text}</bdi>
              </p>
            </div>
            <button
              type="button"
              class="button"
              aria-label={words.notSpamOf(visitorName(visitor))}
              aria-disabled={spamPage.isBusy.value}
              onClick={() => void spamPage.undo(conversation)}
            >
              {words.notSpam}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

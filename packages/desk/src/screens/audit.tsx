import type { AuditLogRow } from '@sveiki/sdk/agent';
import { useLayoutEffect, useState } from 'preact/hooks';
import { auditPeriods, formatAuditFilter } from '../models/audit-page.ts';
import { visitorName } from '../models/people.ts';
import { fullTime } from '../models/times.ts';
import { useDesk } from '../parts/desk-context.ts';
import { Field } from '../parts/field.tsx';
import { ConversationLink, PageFrame, PageLink, PageProblem } from '../parts/page.tsx';
import { texts } from '../texts.ts';

const words = texts.audit;

/** What staff did, and whose words they read. */
export function AuditPage() {
  const { auditPage } = useDesk();
  const { rows, problem, isAllowed, isFiltered } = auditPage;
  return (
    <PageFrame heading={words.heading} back={{ label: texts.pages.team, page: 'team', detail: '' }}>
      {!isAllowed.value && <p class="page-empty hint">{words.forbidden}</p>}
      {isAllowed.value && (
        <>
          <p class="hint page-lead">{words.lead}</p>
          <Filter />
          {problem.value !== null && (
            <PageProblem
              text={words.failed(problem.value)}
              label={texts.lists.retry}
              onRetry={() => void auditPage.retry()}
            />
          )}
          {rows.value === null && problem.value === null && (
            <p class="page-empty hint late" role="status">
              {words.loading}
            </p>
          )}
          {rows.value?.length === 0 && <p class="page-empty hint">{isFiltered.value ? words.noneFit : words.none}</p>}
          {rows.value !== null && rows.value.length > 0 && <Rows rows={rows.value} />}
          {auditPage.hasMore.value && (
            <p>
              <button
                type="button"
                class="button"
                aria-disabled={auditPage.isBusy.value}
                onClick={() => void auditPage.loadMore()}
              >
                {texts.lists.more}
              </button>
            </p>
          )}
        </>
      )}
    </PageFrame>
  );
}

function Filter() {
  const { auditPage, state } = useDesk();
  const { days, agent, action, person } = auditPage.filter.value;
  const [typed, setTyped] = useState(person);
  useLayoutEffect(() => setTyped(person), [person]);
  const agents = state.value.agents.filter(({ role }) => role !== 'bot');
  return (
    <form
      class="audit-filter"
      aria-label={words.filter}
      onSubmit={(event) => {
        event.preventDefault();
        auditPage.show({ person: typed.trim() });
      }}
    >
      <Field label={words.period} problem={null}>
        {(field) => (
          <select
            {...field}
            value={days}
            onChange={(event) => auditPage.show({ days: Number(event.currentTarget.value) })}
          >
            {auditPeriods.map((one) => (
              <option key={one} value={one}>
                {words.lastDays(one)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={words.who} problem={null}>
        {(field) => (
          <select {...field} value={agent} onChange={(event) => auditPage.show({ agent: event.currentTarget.value })}>
            <option value="">{words.everybody}</option>
            {agent !== '' && !agents.some(({ id }) => id === agent) && <option value={agent}>{agent}</option>}
            {agents.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={words.what} problem={null}>
        {(field) => (
          <select {...field} value={action} onChange={(event) => auditPage.show({ action: event.currentTarget.value })}>
            <option value="">{words.everything}</option>
            {auditPage.actions.value.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={words.person} problem={null}>
        {(field) => (
          <input
            {...field}
            type="text"
            maxLength={80}
            autocomplete="off"
            spellcheck={false}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </Field>
      <p class="audit-buttons">
        <button type="submit" class="button">
          {words.show}
        </button>
        {auditPage.isFiltered.value && (
          <button type="button" class="link" onClick={auditPage.showAll}>
            {words.showAll}
          </button>
        )}
      </p>
    </form>
  );
}

function Rows({ rows }: { rows: readonly AuditLogRow[] }) {
  const { around } = useDesk();
  return (
    <div class="table-frame wide-rows">
      <table class="table">
        <caption class="unseen">{words.heading}</caption>
        <thead>
          <tr>
            <th scope="col">{words.when}</th>
            <th scope="col">{words.who}</th>
            <th scope="col">{words.what}</th>
            <th scope="col">{words.about}</th>
            <th scope="col">{words.network}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.position}>
              <td>
                <time>{fullTime(row.at, around.timeZone)}</time>
              </td>
              <td>
                <bdi>{whoOf(row)}</bdi>
              </td>
              <td>
                {row.title}
                {row.fields.length > 0 && <span class="hint"> {words.fields(row.fields.join(', '))}</span>}
                {row.reason !== null && (
                  <span class="hint">
                    {' '}
                    <bdi>{reasonOf(row.reason)}</bdi>
                  </span>
                )}
              </td>
              <td>
                <About row={row} />
              </td>
              <td>{row.network ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function About({ row: { object, person } }: { row: AuditLogRow }) {
  const { auditPage } = useDesk();
  return (
    <>
      {object !== null && object.kind === 'conversation' && (
        <ConversationLink id={object.id}>{texts.teamPage.conversation}</ConversationLink>
      )}
      {object !== null && object.kind !== 'conversation' && (
        <span>
          {words.kind(object.kind)} <bdi>{object.name ?? object.id}</bdi>
        </span>
      )}
      {object !== null && person !== null && ' · '}
      {person !== null && (
        <PageLink
          page="audit"
          detail={formatAuditFilter({ ...auditPage.filter.value, person })}
          label={words.ofPerson(visitorName({ id: person, name: null }))}
        >
          {visitorName({ id: person, name: null })}
        </PageLink>
      )}
    </>
  );
}

/** Why somebody was erased is one of a few words, which have a text; everything else is what somebody wrote. */
const reasonOf = (reason: string): string => (texts.people.reasons as Record<string, string>)[reason] ?? reason;

function whoOf({ actor }: AuditLogRow): string {
  if (actor.kind === 'agent') return actor.name ?? actor.id;
  if (actor.kind === 'visitor') return visitorName({ id: actor.id, name: null });
  if (actor.kind === 'operator') return words.operator;
  return actor.kind === 'relay' ? words.relay : words.nobody;
}

import type { ErasureReason, PersonErasure, PersonFound, RetentionRuleView } from '@sveiki/sdk/agent';
import { useState } from 'preact/hooks';
import { cleaned, shortName } from '../models/names.ts';
import { mostFound, reasons, wordToType } from '../models/personal-data.ts';
import { fullTime } from '../models/times.ts';
import { useDesk } from '../parts/desk-context.ts';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { PageFrame, PageProblem } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { texts } from '../texts.ts';

const words = texts.people;

/** Finds a person, gives out or takes away what is kept about him, and says what goes by itself. */
export function PersonalDataPage() {
  const { personalData } = useDesk();
  const back = { label: texts.pages.team, page: 'team', detail: '' } as const;
  if (!personalData.isAllowed.value)
    return (
      <PageFrame heading={words.heading} back={back}>
        <p class="page-empty hint">{words.forbidden}</p>
      </PageFrame>
    );
  return (
    <PageFrame heading={words.heading} back={back}>
      <p class="page-lead hint">{words.lead}</p>
      <Find />
      <Erasures />
      <Rules />
      {personalData.erasing.value !== null && <EraseDialog person={personalData.erasing.value} />}
    </PageFrame>
  );
}

function Find() {
  const { personalData } = useDesk();
  const found = personalData.found.value;
  const refused = personalData.exportProblem.value;
  return (
    <section class="page-part" aria-labelledby="find-heading">
      <h3 id="find-heading">{words.find}</h3>
      <form
        class="people-find"
        onSubmit={(event) => {
          event.preventDefault();
          void personalData.find();
        }}
      >
        <Field label={words.query} hint={words.queryHint} problem={personalData.problem.value}>
          {(props) => (
            <input
              {...props}
              type="text"
              value={personalData.query.value}
              maxLength={254}
              autoComplete="off"
              onInput={(event) => {
                personalData.query.value = event.currentTarget.value;
              }}
            />
          )}
        </Field>
        <button type="submit" class="button primary" aria-disabled={personalData.isBusy.value}>
          {words.search}
        </button>
      </form>
      <Problem text={refused === null ? null : words.notExported(refused)} />
      <div role="status">
        {found?.length === 0 && <p class="hint">{words.nobody}</p>}
        {found !== null && found.length > 0 && (
          <p class="hint">{found.length < mostFound ? words.found(found.length) : words.foundMost(mostFound)}</p>
        )}
      </div>
      <ul class="people-rows">
        {found?.map((person) => (
          <Person key={person.id} person={person} />
        ))}
      </ul>
    </section>
  );
}

function Person({ person }: { person: PersonFound }) {
  const { personalData, around } = useDesk();
  const { id, name, email, externalId, site, lastSeenAt, isBeingErased } = person;
  const called = cleaned(name ?? '') || email || id;
  return (
    <li class="people-row">
      <div class="people-who">
        <p>
          <strong>
            <bdi>{called}</bdi>
          </strong>
        </p>
        <p class="hint">
          {[email, externalId, site]
            .filter((one) => one !== null && one !== called)
            .map((one) => (
              <span key={one}>
                <bdi>{one}</bdi>{' '}
              </span>
            ))}
        </p>
        <p class="hint">{words.seen(fullTime(lastSeenAt, around.timeZone))}</p>
      </div>
      {isBeingErased ? (
        <p class="hint">{words.isBeingErased}</p>
      ) : (
        <div class="people-acts">
          <button
            type="button"
            class="button"
            aria-label={words.exportOf(called)}
            aria-disabled={personalData.isBusy.value}
            onClick={() => void personalData.download(person, false)}
          >
            {words.export}
          </button>
          <button
            type="button"
            class="button"
            aria-label={words.exportAllOf(called)}
            aria-disabled={personalData.isBusy.value}
            onClick={() => void personalData.download(person, true)}
          >
            {words.exportAll}
          </button>
          <button
            type="button"
            class="button danger"
            aria-label={words.eraseOf(called)}
            onClick={() => {
              personalData.eraseProblem.value = null;
              personalData.erasing.value = person;
            }}
          >
            {words.erase}
          </button>
        </div>
      )}
    </li>
  );
}

/** It cannot be undone: a reason, and the person's own name typed out. */
function EraseDialog({ person }: { person: PersonFound }) {
  const { personalData } = useDesk();
  const [reason, setReason] = useState<ErasureReason | null>(null);
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<{ reason: string | null; typed: string | null }>({
    reason: null,
    typed: null,
  });
  const word = wordToType(person);
  const close = () => {
    personalData.erasing.value = null;
  };
  return (
    <Dialog heading={words.eraseHeading(shortName(person.name ?? '') || word)} onClose={close}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const isTyped = cleaned(typed).toLowerCase() === word.toLowerCase();
          setProblem({
            reason: reason === null ? words.chooseReason : null,
            typed: isTyped ? null : words.typeIt(word),
          });
          if (reason !== null && isTyped) void personalData.erase(reason);
        }}
      >
        <p>{words.eraseWhat}</p>
        <fieldset class="options">
          <legend>{words.reason}</legend>
          {reasons.map((one) => (
            <label key={one} class="option">
              <input type="radio" name="reason" checked={reason === one} onChange={() => setReason(one)} />
              <span class="option-name">{words.reasons[one]}</span>
            </label>
          ))}
          <Problem text={problem.reason} />
        </fieldset>
        <Field label={words.confirm(word)} problem={problem.typed}>
          {(props) => (
            <input
              {...props}
              type="text"
              value={typed}
              autoComplete="off"
              spellcheck={false}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          )}
        </Field>
        <DialogFoot
          problem={personalData.eraseProblem.value}
          button={words.eraseForGood}
          isBusy={personalData.isBusy.value}
          isDanger
          onCancel={close}
        />
      </form>
    </Dialog>
  );
}

function Erasures() {
  const { personalData } = useDesk();
  const list = personalData.erasures.value;
  const problem = personalData.listProblem.value;
  const refused = personalData.receiptProblem.value;
  return (
    <section class="page-part" aria-labelledby="erasures-heading">
      <h3 id="erasures-heading">{words.erasures}</h3>
      {problem !== null && (
        <PageProblem text={words.failed(problem)} label={texts.lists.retry} onRetry={() => void personalData.load()} />
      )}
      <Problem text={refused === null ? null : words.noReceipt(refused)} />
      {list === null && problem === null && (
        <p class="hint late" role="status">
          {texts.lists.loading}
        </p>
      )}
      {list?.rows.length === 0 && <p class="hint">{words.noErasures}</p>}
      <ul class="people-rows">
        {list?.rows.map((one) => (
          <Erasure key={one.id} erasure={one} />
        ))}
      </ul>
      {list?.more && (
        <p>
          <button
            type="button"
            class="button"
            aria-disabled={personalData.isBusy.value}
            onClick={() => void personalData.loadOlder()}
          >
            {texts.lists.more}
          </button>
        </p>
      )}
    </section>
  );
}

function Erasure({ erasure }: { erasure: PersonErasure }) {
  const { personalData, state, around } = useDesk();
  const { by, reason, requestedAt, counts, problem } = erasure;
  const agent = state.value.agents.find(({ id }) => by === `agent:${id}`);
  const from = by.startsWith('agent:') ? (agent?.name ?? words.somebody) : words.by[by as keyof typeof words.by];
  return (
    <li class="people-row">
      <div class="people-who">
        <p>
          <strong>{words.states[erasure.state]}</strong>
          {problem !== null && <span class="people-problem"> {words.stuck}</span>}
        </p>
        <p class="hint">
          {words.asked(fullTime(requestedAt, around.timeZone), from ?? by)} {words.reasons[reason]}.
        </p>
        {erasure.erasedAt !== null && (
          <p class="hint">{words.counts(counts.conversations, counts.events, counts.files)}</p>
        )}
      </div>
      {erasure.erasedAt !== null && (
        <button
          type="button"
          class="button"
          aria-label={words.receiptOf(fullTime(requestedAt, around.timeZone))}
          aria-disabled={personalData.isBusy.value}
          onClick={() => void personalData.saveReceipt(erasure)}
        >
          {words.receipt}
        </button>
      )}
    </li>
  );
}

function Rules() {
  const { personalData } = useDesk();
  const rules = personalData.rules.value;
  return (
    <section class="page-part" aria-labelledby="rules-heading">
      <h3 id="rules-heading">{words.rules}</h3>
      {rules !== null && <p class="hint">{rules.length === 0 ? words.noRules : words.rulesHint}</p>}
      <ul class="people-rows">
        {rules?.map((rule, i) => (
          <Rule key={i} rule={rule} />
        ))}
      </ul>
    </section>
  );
}

function Rule({ rule }: { rule: RetentionRuleView }) {
  const { state } = useDesk();
  const { what, days, teams, sites, next } = rule;
  const named = teams?.map((id) => state.value.teams.find((team) => team.id === id)?.name ?? id);
  const whose = [...(named ?? []), ...(sites ?? [])].join(', ');
  return (
    <li class="people-row">
      <div class="people-who">
        <p>
          <strong>{words.rule(words.what[what], days)}</strong> {whose !== '' && <bdi>{whose}</bdi>}
        </p>
        <p class="hint">{words.next(next.count, next.more)}</p>
        {next.examples.length > 0 && <p class="hint people-ids">{words.examples(next.examples.join(', '))}</p>}
      </div>
    </li>
  );
}

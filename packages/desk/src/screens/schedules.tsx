import { useId, useRef } from 'preact/hooks';
import { hoursInWords } from '../models/hours.ts';
import { type ScheduleDraft, type SpanDraft, setupProblemAt, weekdays } from '../models/schedule-draft.ts';
import { useDesk } from '../parts/desk-context.ts';
import { Field } from '../parts/field.tsx';
import { Icon } from '../parts/icon.tsx';
import { Origin } from '../parts/origin.tsx';
import { PageFrame, PageLink, PageProblem } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { texts } from '../texts.ts';

const words = texts.schedules;

/** All schedules, each with where it comes from. */
export function Schedules() {
  const { schedules, setup, now, around } = useDesk();
  const all = schedules.all.value;
  const problem = schedules.loadProblem.value;
  return (
    <section class="page-part" aria-labelledby="schedules-heading">
      <h3 id="schedules-heading">{words.heading}</h3>
      {problem !== null && (
        <PageProblem text={words.failed(problem)} label={texts.lists.retry} onRetry={() => void schedules.load()} />
      )}
      <p class="hint">{all?.length === 0 ? words.none : words.hint}</p>
      <ul class="schedule-rows">
        {all?.map((one) => {
          const used = setup.config.value?.schedules.find(({ id }) => id === one.id);
          return (
            <li key={one.id} class="schedule-row">
              <p class="schedule-name">
                <PageLink
                  page="team"
                  detail={encodeURIComponent(one.id)}
                  label={one.mayEdit ? words.change(one.id) : words.look(one.id)}
                >
                  <bdi>{one.id}</bdi>
                </PageLink>
                <span class="hint">{one.hours.timeZone.replaceAll('_', ' ')}</span>
              </p>
              <p>{used !== undefined && hoursInWords(used, now.value, around.timeZone)}</p>
              <p>
                <Origin of={one} />
              </p>
            </li>
          );
        })}
      </ul>
      {schedules.isLead.value && (
        <p>
          <PageLink page="team" detail="new" class="button">
            <Icon name="plus" size={16} />
            {words.fresh}
          </PageLink>
        </p>
      )}
    </section>
  );
}

/** The form for one schedule. */
export function ScheduleEditor() {
  const { schedules } = useDesk();
  const back = { label: words.back, page: 'team', detail: '' } as const;
  const draft = schedules.draft.value;
  const stored = schedules.stored.value;
  const heading = schedules.isNew.value ? words.fresh : words.edit(schedules.editing.value ?? '');
  if (draft === null) {
    const problem = schedules.loadProblem.value;
    return (
      <PageFrame heading={heading} back={back}>
        {problem !== null ? (
          <PageProblem text={words.failed(problem)} label={texts.lists.retry} onRetry={() => void schedules.load()} />
        ) : (
          <p class="page-empty hint late" role="status">
            {schedules.all.value === null ? words.loading : words.lost}
          </p>
        )}
      </PageFrame>
    );
  }
  const mayEdit = schedules.mayEdit.value;
  return (
    <PageFrame heading={heading} back={back}>
      {!mayEdit && <p class="notice">{words.readOnly}</p>}
      {stored !== null && (
        <p class="page-lead">
          <Origin of={stored} />
        </p>
      )}
      {stored?.state === 'unfit' && <p class="notice">{texts.origin.unfitHint}</p>}
      <form
        class="editor"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void schedules.save();
        }}
      >
        <fieldset disabled={!mayEdit} class="stack">
          <legend class="unseen">{heading}</legend>
          <Beginning draft={draft} />
          <Week draft={draft} />
          <Dates draft={draft} />
        </fieldset>
        {mayEdit && <Foot />}
      </form>
    </PageFrame>
  );
}

/** What the relay found wrong; of a change that has no effect any more, why. */
function useProblemAt(): (path: string) => string | null {
  const { schedules } = useDesk();
  const found = schedules.problems.value;
  const known = found.length > 0 ? found : (schedules.stored.value?.problems ?? []);
  return (path) => setupProblemAt(known, path);
}

function Beginning({ draft }: { draft: ScheduleDraft }) {
  const { schedules } = useDesk();
  const problemAt = useProblemAt();
  const zones = useId();
  return (
    <div class="field-row">
      {schedules.isNew.value && (
        <Field label={words.name} hint={words.nameHint} problem={problemAt('id')}>
          {(props) => (
            <input
              {...props}
              type="text"
              maxLength={64}
              autoComplete="off"
              value={draft.id}
              onInput={(event) => schedules.change({ id: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
      <Field label={words.timeZone} hint={words.timeZoneHint} problem={problemAt('timeZone')}>
        {(props) => (
          <>
            <input
              {...props}
              type="text"
              list={zones}
              maxLength={100}
              autoComplete="off"
              value={draft.timeZone}
              onInput={(event) => schedules.change({ timeZone: event.currentTarget.value })}
            />
            <datalist id={zones}>
              {Intl.supportedValuesOf('timeZone').map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
          </>
        )}
      </Field>
    </div>
  );
}

function Week({ draft }: { draft: ScheduleDraft }) {
  const { schedules } = useDesk();
  const problemAt = useProblemAt();
  const whole = problemAt('');
  return (
    <fieldset class="editor-part">
      <legend>{words.week}</legend>
      <p class="hint">{words.weekHint}</p>
      {whole !== null && (
        <p class="field-problem" role="alert">
          {whole}
        </p>
      )}
      {weekdays.map((day) => (
        <div key={day} class="day-row">
          <span class="day-name">{words.days[day]}</span>
          <Spans
            of={words.days[day]}
            path={`week.${day}`}
            spans={draft.week[day]}
            onChange={(spans) => schedules.change({ week: { ...draft.week, [day]: spans } })}
          />
        </div>
      ))}
    </fieldset>
  );
}

function Dates({ draft }: { draft: ScheduleDraft }) {
  const { schedules } = useDesk();
  const problemAt = useProblemAt();
  const doubled = schedules.doubled.value;
  const put = (index: number, part: Partial<ScheduleDraft['dates'][number]>) =>
    schedules.change({ dates: draft.dates.map((one, at) => (at === index ? { ...one, ...part } : one)) });
  return (
    <fieldset class="editor-part">
      <legend>{words.dates}</legend>
      <p class="hint">{words.datesHint}</p>
      {draft.dates.map(({ date, spans }, index) => (
        <div key={index} class="day-row">
          <Field label={words.date} problem={doubled.has(index) ? words.twice : problemAt(`dates.${date}`)}>
            {(props) => (
              <input
                {...props}
                type="date"
                value={date}
                onInput={(event) => put(index, { date: event.currentTarget.value })}
              />
            )}
          </Field>
          <div class="day-spans">
            <Spans
              of={words.dateName(date)}
              path={`dates.${date}`}
              spans={spans}
              onChange={(next) => put(index, { spans: next })}
            />
            <button
              type="button"
              class="button quiet"
              onClick={() => schedules.change({ dates: draft.dates.filter((_, at) => at !== index) })}
            >
              {words.removeDate(date)}
            </button>
          </div>
        </div>
      ))}
      <p>
        <button
          type="button"
          class="button"
          onClick={() => schedules.change({ dates: [...draft.dates, { date: '', spans: [] }] })}
        >
          <Icon name="plus" size={16} />
          {words.addDate}
        </button>
      </p>
    </fieldset>
  );
}

/** The spans of one day. After one is removed the keyboard goes on where others are added. */
function Spans(props: {
  of: string;
  path: string;
  spans: readonly SpanDraft[];
  onChange: (spans: readonly SpanDraft[]) => void;
}) {
  const { of, path, spans, onChange } = props;
  const problemAt = useProblemAt();
  const add = useRef<HTMLButtonElement>(null);
  const id = useId();
  const put = (index: number, part: Partial<SpanDraft>) =>
    onChange(spans.map((span, at) => (at === index ? { ...span, ...part } : span)));
  return (
    <div class="spans">
      {spans.length === 0 && <span class="hint">{words.closed}</span>}
      {spans.map((span, index) => {
        const both = problemAt(`${path}[${index}]`);
        const ends = (['open', 'close'] as const).map((end, at) => ({
          end,
          label: end === 'open' ? words.opens(of, index + 1) : words.closes(of, index + 1),
          problem: problemAt(`${path}[${index}][${at}]`),
        }));
        const problems = [both, ...ends.map(({ problem }) => problem)].filter((one) => one !== null);
        return (
          <span key={index} class="span">
            {ends.map(({ end, label, problem }) => (
              <span key={end} class="span-end">
                {end === 'close' && <span class="hint">{words.to}</span>}
                <input
                  type="text"
                  class="span-time"
                  inputMode="numeric"
                  maxLength={5}
                  autoComplete="off"
                  placeholder="00:00"
                  aria-label={label}
                  aria-invalid={problem !== null || both !== null}
                  aria-describedby={problems.length > 0 ? `${id}-${index}` : undefined}
                  value={span[end]}
                  onInput={(event) => put(index, { [end]: event.currentTarget.value })}
                />
              </span>
            ))}
            <button
              type="button"
              class="button quiet"
              aria-label={words.removeSpan(of, index + 1)}
              onClick={() => {
                onChange(spans.filter((_, at) => at !== index));
                add.current?.focus();
              }}
            >
              <Icon name="close" size={16} />
            </button>
            {problems.length > 0 && (
              <span id={`${id}-${index}`} class="field-problem">
                {problems.join(' ')}
              </span>
            )}
          </span>
        );
      })}
      <button
        ref={add}
        type="button"
        class="button quiet"
        aria-label={words.addSpanTo(of)}
        onClick={() => onChange([...spans, { open: '', close: '' }])}
      >
        <Icon name="plus" size={16} />
        {words.addSpan}
      </button>
    </div>
  );
}

function Foot() {
  const { schedules } = useDesk();
  const problem = schedules.saveProblem.value;
  const stored = schedules.stored.value;
  return (
    <>
      <Problem text={problem} />
      <div class="editor-foot">
        {stored !== null && stored.revision !== null && (
          <button
            type="button"
            class={`button quiet ${stored.file === null ? 'danger' : ''}`}
            aria-disabled={schedules.isBusy.value}
            onClick={() => void schedules.reset()}
          >
            {stored.file === null ? words.remove : words.reset}
          </button>
        )}
        <span class="gap" />
        <button type="button" class="button" onClick={() => schedules.cancel()}>
          {schedules.isChanged.value ? words.discard : words.done}
        </button>
        <button type="submit" class="button primary" aria-disabled={schedules.isBusy.value}>
          {words.save}
        </button>
      </div>
    </>
  );
}

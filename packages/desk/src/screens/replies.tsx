import type { StoredReply } from '@sveiki/sdk/agent';
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { labelOf } from '../models/handoff.ts';
import { languageTag } from '../models/people.ts';
import { plainWords } from '../models/plain-words.ts';
import { problemAt, type ReplyDraft, scopeOf, variableSources } from '../models/reply-draft.ts';
import { fullTime, pastAge } from '../models/times.ts';
import { useDesk } from '../parts/desk-context.ts';
import { Icon } from '../parts/icon.tsx';
import { PageFrame, PageLink, PageProblem } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { scopeName } from '../parts/reply-picker.tsx';
import { texts } from '../texts.ts';

const words = texts.replies;

/** The canned replies: a list to find them in, and a form to write them. */
export function RepliesPage() {
  const { repliesPage } = useDesk();
  return repliesPage.editing.value === null ? <List /> : <Editor key={repliesPage.editing.value} />;
}

// ----------------------------------------------------------------------------------------------------------------- list

function List() {
  const { repliesPage, connection } = useDesk();
  const rows = repliesPage.rows.value;
  const status = repliesPage.status.value;
  const problem = repliesPage.problem.value;
  const isOffline = connection.notice.value !== null;
  const isFiltered =
    repliesPage.words.value !== '' || repliesPage.scope.value !== 'all' || repliesPage.tag.value !== '';
  return (
    <PageFrame heading={words.heading} actions={<ListActions />}>
      <Imported />
      <Filters />
      {isOffline && <p class="notice">{words.offline}</p>}
      {problem !== null && !isOffline && (
        <PageProblem text={words.failed(problem)} label={texts.lists.retry} onRetry={() => void repliesPage.retry()} />
      )}
      {status === 'loading' && !isOffline && (
        <p class="page-empty hint late" role="status">
          {words.loading}
        </p>
      )}
      {status === 'ready' && (
        <p class="hint list-count" role="status">
          {rows.length > 0
            ? words.found(rows.length, repliesPage.hasMore.value)
            : isFiltered
              ? words.noMatch
              : words.none}
        </p>
      )}
      <ul class="reply-rows">
        {rows.map((reply) => (
          <Row key={reply.id} reply={reply} />
        ))}
      </ul>
      {repliesPage.hasMore.value && status === 'ready' && (
        <p class="more">
          <button
            type="button"
            class="button"
            aria-disabled={repliesPage.isBusy.value}
            onClick={() => void repliesPage.loadMore()}
          >
            {repliesPage.isBusy.value ? texts.lists.loading : texts.lists.more}
          </button>
        </p>
      )}
    </PageFrame>
  );
}

function ListActions() {
  const { repliesPage } = useDesk();
  const file = useRef<HTMLInputElement>(null);
  return (
    <>
      <PageLink page="replies" detail="new" class="button primary">
        <Icon name="plus" size={16} />
        {words.fresh}
      </PageLink>
      <button type="button" class="button" title={words.importHint} onClick={() => file.current?.click()}>
        {words.importFile}
      </button>
      <input
        ref={file}
        class="unseen"
        type="file"
        tabIndex={-1}
        aria-hidden="true"
        accept=".csv,.json,text/csv,application/json"
        onChange={(event) => {
          const chosen = event.currentTarget.files?.[0];
          if (chosen !== undefined) void repliesPage.takeIn(chosen);
          event.currentTarget.value = '';
        }}
      />
      <button type="button" class="button quiet" onClick={() => void repliesPage.takeOut('csv')}>
        {words.exportCsv}
      </button>
      <button type="button" class="button quiet" onClick={() => void repliesPage.takeOut('json')}>
        {words.exportJson}
      </button>
    </>
  );
}

/** What came of an import, line by line. */
function Imported() {
  const { repliesPage } = useDesk();
  const found = repliesPage.imported.value;
  return (
    <div role="status">
      {found !== null && (
        <section class="imported">
          <p>
            <b>{words.imported(found.saved, found.file)}</b>{' '}
            {found.problems.length === 0 ? words.importedAll : words.importProblems(found.problems.length)}
            <button
              type="button"
              class="link"
              onClick={() => {
                repliesPage.imported.value = null;
              }}
            >
              {words.dismiss}
            </button>
          </p>
          {found.problems.length > 0 && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
            <section class="table-frame scrolls" tabIndex={0} aria-label={words.importFile}>
              <table class="table">
                <thead>
                  <tr>
                    <th scope="col" class="number">
                      {words.line}
                    </th>
                    <th scope="col">{words.field}</th>
                    <th scope="col">{words.problem}</th>
                    <th scope="col">{words.fix}</th>
                  </tr>
                </thead>
                <tbody>
                  {found.problems.map(({ at, path, problem, fix }, index) => (
                    <tr key={index}>
                      <td class="number">{at === 0 ? words.wholeFile : at}</td>
                      <td>
                        <code>{path}</code>
                      </td>
                      <td>{problem}</td>
                      <td>{fix}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          )}
        </section>
      )}
    </div>
  );
}

function Filters() {
  const { repliesPage, state } = useDesk();
  return (
    <search class="filters">
      <label class="inline-field grow">
        <span>{words.find}</span>
        <input
          type="search"
          class="grow-input"
          placeholder={words.findHint}
          value={repliesPage.words.value}
          onInput={(event) => {
            repliesPage.words.value = event.currentTarget.value;
          }}
        />
      </label>
      <label class="inline-field">
        <span>{words.scope}</span>
        <select
          value={repliesPage.scope.value}
          onChange={(event) => {
            repliesPage.scope.value = event.currentTarget.value;
          }}
        >
          <option value="all">{words.scopes.all}</option>
          <option value="site">{words.scopes.site}</option>
          <option value="me">{words.scopes.me}</option>
          {state.value.teams.map(({ id, name }) => (
            <option key={id} value={`team:${id}`}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="inline-field">
        <span>{words.tag}</span>
        <select
          value={repliesPage.tag.value}
          onChange={(event) => {
            repliesPage.tag.value = event.currentTarget.value;
          }}
        >
          <option value="">{words.anyTag}</option>
          {repliesPage.tags.value.map((tag) => (
            <option key={tag} value={tag}>
              {tag}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

function Row({ reply }: { reply: StoredReply }) {
  const { state } = useDesk();
  const { usage } = reply;
  const first = Object.values(reply.body)[0] ?? '';
  return (
    <li>
      <PageLink page="replies" detail={encodeURIComponent(reply.id)} class="reply-row">
        <span class="reply-title">
          <bdi>{reply.title}</bdi>
        </span>{' '}
        <span class="canned-shortcut">/{reply.shortcut}</span>{' '}
        <span class="reply-text" dir="auto">
          {plainWords(first).slice(0, 200)}
        </span>{' '}
        <span class="reply-marks">
          {reply.validity !== 'valid' && <span class="tag">{words.validity[reply.validity]}</span>}{' '}
          {reply.reviewDue && <span class="tag warn">{words.due}</span>}{' '}
          <span class="hint">{scopeName(reply.scope, state.value.teams)}</span>{' '}
          {Object.keys(reply.body).map((locale) => (
            <span key={locale} class="mark language">
              {languageTag(locale) ?? locale}
            </span>
          ))}{' '}
          {reply.tags.map((tag) => (
            <span key={tag} class="hint">
              #{tag}
            </span>
          ))}{' '}
          <span class="hint">{words.used(usage.uses)}</span>
        </span>
      </PageLink>
    </li>
  );
}

// --------------------------------------------------------------------------------------------------------------- editor

function Editor() {
  const { repliesPage } = useDesk();
  const draft = repliesPage.draft.value;
  const isNew = repliesPage.editing.value === 'new';
  const back = { label: words.all, page: 'replies', detail: '' } as const;
  if (draft === null)
    return (
      <PageFrame heading={words.heading} back={back}>
        <p class={`page-empty hint ${repliesPage.isLost.value ? '' : 'late'}`} role="status">
          {repliesPage.isLost.value ? words.lost : words.loading}
        </p>
      </PageFrame>
    );
  const stored = repliesPage.stored.value;
  const mayEdit = repliesPage.mayEdit.value;
  const title = stored?.title ?? draft.title;
  const heading = isNew ? words.fresh : mayEdit ? words.edit(title) : words.look(title);
  return (
    <PageFrame heading={heading} back={back}>
      {!mayEdit && <p class="notice">{words.readOnly}</p>}
      <form
        class="editor"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void repliesPage.save();
        }}
      >
        <fieldset disabled={!mayEdit} class="stack">
          <legend class="unseen">{heading}</legend>
          <div class="field-row">
            <Field label={words.shortcut} hint={words.shortcutHint} path="shortcut">
              {(props) => (
                <input
                  {...props}
                  type="text"
                  maxLength={41}
                  autoComplete="off"
                  value={draft.shortcut}
                  onInput={(event) => repliesPage.change({ shortcut: event.currentTarget.value })}
                />
              )}
            </Field>
            <Field label={words.title} path="title">
              {(props) => (
                <input
                  {...props}
                  type="text"
                  dir="auto"
                  value={draft.title}
                  onInput={(event) => repliesPage.change({ title: event.currentTarget.value })}
                />
              )}
            </Field>
          </div>
          <Bodies draft={draft} />
          <Variables draft={draft} />
          <Rules draft={draft} />
        </fieldset>
        {stored !== null && <Usage reply={stored} />}
        <EditorFoot mayEdit={mayEdit} />
      </form>
    </PageFrame>
  );
}

interface FieldProps {
  id: string;
  'aria-invalid': boolean;
  'aria-describedby': string | undefined;
}

/** A label, the field, what to type, and what is wrong with it. */
function Field(props: {
  label: string;
  path: string;
  hint?: string;
  children: (props: FieldProps) => ComponentChildren;
}) {
  const { repliesPage } = useDesk();
  const id = useId();
  const problem = problemAt(repliesPage.problems.value, props.path);
  const described = [props.hint !== undefined && `${id}-hint`, problem !== null && `${id}-problem`].filter(Boolean);
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {props.label}
      </label>
      {props.children({
        id,
        'aria-invalid': problem !== null,
        'aria-describedby': described.length === 0 ? undefined : described.join(' '),
      })}
      {props.hint !== undefined && (
        <span id={`${id}-hint`} class="field-hint">
          {props.hint}
        </span>
      )}
      {problem !== null && (
        <span id={`${id}-problem`} class="field-problem">
          {problem}
        </span>
      )}
    </div>
  );
}

function Bodies({ draft }: { draft: ReplyDraft }) {
  const { repliesPage } = useDesk();
  const put = (index: number, part: Partial<ReplyDraft['bodies'][number]>) =>
    repliesPage.change({ bodies: draft.bodies.map((body, at) => (at === index ? { ...body, ...part } : body)) });
  const problem = draft.bodies.length === 0 ? problemAt(repliesPage.problems.value, 'body') : null;
  return (
    <fieldset class="editor-part">
      <legend>{words.texts}</legend>
      <p class="hint">{words.templateHint}</p>
      {draft.bodies.map(({ locale, text }, index) => (
        <div key={index} class="body-row">
          <div class="body-locale">
            <Field label={words.locale} hint={words.localeHint} path={`locale.${locale}`}>
              {(props) => (
                <input
                  {...props}
                  type="text"
                  maxLength={35}
                  autoComplete="off"
                  value={locale}
                  onInput={(event) => put(index, { locale: event.currentTarget.value })}
                />
              )}
            </Field>
            {draft.bodies.length > 1 && (
              <button
                type="button"
                class="button quiet"
                onClick={() => repliesPage.change({ bodies: draft.bodies.filter((_, at) => at !== index) })}
              >
                {words.removeText(locale)}
              </button>
            )}
          </div>
          <Field label={words.textIn(locale)} path={index === 0 && locale === '' ? 'body' : `body.${locale}`}>
            {(props) => (
              <textarea
                {...props}
                rows={5}
                dir="auto"
                value={text}
                onInput={(event) => put(index, { text: event.currentTarget.value })}
              />
            )}
          </Field>
        </div>
      ))}
      {problem !== null && <p class="field-problem">{problem}</p>}
      <p>
        <button
          type="button"
          class="button"
          onClick={() => repliesPage.change({ bodies: [...draft.bodies, { locale: '', text: '' }] })}
        >
          <Icon name="plus" size={16} />
          {words.addText}
        </button>
      </p>
    </fieldset>
  );
}

function Variables({ draft }: { draft: ReplyDraft }) {
  const { repliesPage } = useDesk();
  const put = (index: number, part: Partial<ReplyDraft['variables'][number]>) =>
    repliesPage.change({ variables: draft.variables.map((one, at) => (at === index ? { ...one, ...part } : one)) });
  return (
    <fieldset class="editor-part">
      <legend>{words.variables}</legend>
      <p class="hint">{words.variablesHint}</p>
      {draft.variables.map((one, index) => (
        <fieldset key={index} class="variable-row">
          <legend class="unseen">{words.variable(index + 1)}</legend>
          <Field label={words.name} path={`variables.${index}`}>
            {(props) => (
              <input
                {...props}
                type="text"
                maxLength={40}
                autoComplete="off"
                value={one.name}
                onInput={(event) => put(index, { name: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field label={words.source} path={`variables.${one.name}.source`}>
            {(props) => (
              <select
                {...props}
                value={one.source}
                onChange={(event) => put(index, { source: event.currentTarget.value })}
              >
                <option value="">{words.noSource}</option>
                {variableSources.map((source) => (
                  <option key={source} value={source}>
                    {labelOf(source)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={words.ask} path={`variables.${one.name}.ask`}>
            {(props) => (
              <input
                {...props}
                type="text"
                value={one.ask}
                onInput={(event) => put(index, { ask: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field label={words.default} path={`variables.${one.name}.default`}>
            {(props) => (
              <input
                {...props}
                type="text"
                value={one.default}
                onInput={(event) => put(index, { default: event.currentTarget.value })}
              />
            )}
          </Field>
          <label class="check">
            <input
              type="checkbox"
              checked={one.required}
              onChange={(event) => put(index, { required: event.currentTarget.checked })}
            />
            {words.required}
          </label>
          <button
            type="button"
            class="button quiet"
            onClick={() => repliesPage.change({ variables: draft.variables.filter((_, at) => at !== index) })}
          >
            {words.removeVariable(one.name)}
          </button>
        </fieldset>
      ))}
      <p>
        <button
          type="button"
          class="button"
          onClick={() =>
            repliesPage.change({
              variables: [...draft.variables, { name: '', source: '', ask: '', default: '', required: true }],
            })
          }
        >
          <Icon name="plus" size={16} />
          {words.addVariable}
        </button>
      </p>
    </fieldset>
  );
}

/** Who finds it, when, and who answers for it. */
function Rules({ draft }: { draft: ReplyDraft }) {
  const { repliesPage, state } = useDesk();
  const { teams, agents } = state.value;
  const days = [
    ['validFrom', words.validFrom],
    ['validUntil', words.validUntil],
    ['reviewBy', words.reviewBy],
  ] as const;
  return (
    <div class="field-row">
      <Field label={words.scopeHint} path="scope">
        {(props) => (
          <select
            {...props}
            value={draft.scope}
            onChange={(event) => repliesPage.change({ scope: event.currentTarget.value })}
          >
            <option value="me">{words.scopes.me}</option>
            {teams.map(({ id, name }) => (
              <option key={id} value={`team:${id}`}>
                {name}
              </option>
            ))}
            <option value="site">{words.scopes.site}</option>
            {draft.scope.startsWith('team:') && !teams.some(({ id }) => `team:${id}` === draft.scope) && (
              <option value={draft.scope}>{scopeName(scopeOf(draft.scope), teams)}</option>
            )}
          </select>
        )}
      </Field>
      <Field label={words.tags} hint={words.tagsHint} path="tags">
        {(props) => (
          <input
            {...props}
            type="text"
            value={draft.tags}
            onInput={(event) => repliesPage.change({ tags: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={words.owner} path="owner">
        {(props) => (
          <select
            {...props}
            value={draft.owner}
            onChange={(event) => repliesPage.change({ owner: event.currentTarget.value })}
          >
            <option value="">{words.nobody}</option>
            {agents
              .filter(({ role }) => role !== 'bot')
              .map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            {draft.owner !== '' && !agents.some(({ id }) => id === draft.owner) && (
              <option value={draft.owner}>{draft.owner}</option>
            )}
          </select>
        )}
      </Field>
      {days.map(([name, label]) => (
        <Field key={name} label={label} path={name}>
          {(props) => (
            <input
              {...props}
              type="date"
              value={draft[name]}
              onInput={(event) => repliesPage.change({ [name]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      {draft.attachments.length > 0 && <p class="hint">{words.attachments(draft.attachments.length)}</p>}
    </div>
  );
}

function Usage({ reply }: { reply: StoredReply }) {
  const { state, now, around } = useDesk();
  const { usage } = reply;
  const by = state.value.agents.find(({ id }) => id === reply.updatedBy)?.name ?? reply.updatedBy;
  const parts = [words.used(usage.uses)];
  if (usage.uses > 0) parts.push(words.resolved(usage.resolved));
  if (usage.csat.n > 0) parts.push(words.csat((usage.csat.sum / usage.csat.n).toFixed(1), usage.csat.n));
  return (
    <p class="hint" title={fullTime(reply.updatedAt, around.timeZone)}>
      {parts.join(' · ')}
      {' · '}
      {by === null ? words.asConfigured : words.changed(pastAge(reply.updatedAt, now.value, around.timeZone).words, by)}
    </p>
  );
}

function EditorFoot({ mayEdit }: { mayEdit: boolean }) {
  const { repliesPage } = useDesk();
  const [isSure, setSure] = useState(false);
  const problem = repliesPage.saveProblem.value;
  const unplaced = repliesPage.problems.value.filter(({ path }) => path === '');
  const stored = repliesPage.stored.value;
  return (
    <>
      <Problem
        text={problem === null ? null : [problem, ...unplaced.map((one) => `${one.problem} ${one.fix}`)].join(' ')}
      />
      {mayEdit && (
        <div class="editor-foot">
          {stored !== null && !isSure && (
            <button type="button" class="button quiet danger" onClick={() => setSure(true)}>
              {words.remove}
            </button>
          )}
          {isSure && (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend; the question beside it names it.
            <div class="sure" role="group" aria-label={words.removeSure}>
              <span>{words.removeSure}</span>
              <button type="button" class="button danger" onClick={() => void repliesPage.remove()}>
                {words.removeYes}
              </button>
              <button type="button" class="button" onClick={() => setSure(false)}>
                {texts.cancel}
              </button>
            </div>
          )}
          <span class="gap" />
          <button type="button" class="button" onClick={() => repliesPage.cancel()}>
            {repliesPage.isChanged.value ? words.discard : words.toList}
          </button>
          <button type="submit" class="button primary" aria-disabled={repliesPage.isBusy.value}>
            {words.save}
          </button>
        </div>
      )}
    </>
  );
}

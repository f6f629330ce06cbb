import type { SurveySettings, SurveySetup } from '@sveiki/sdk/agent';
import { useEffect, useRef } from 'preact/hooks';
import { setupProblemAt } from '../models/schedule-draft.ts';
import { type SurveyDraft, surveyDraftOf } from '../models/survey-setup.ts';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Field } from './field.tsx';
import { Origin } from './origin.tsx';
import { Problem } from './problem.tsx';

const words = texts.surveySetup;

/** When a survey is asked, in words; for leads also the form in which they change it. */
export function SurveySetupPart({ id, title }: { id: string; title: string }) {
  const { surveySetup, state } = useDesk();
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  const isOpen = surveySetup.open.value === id;
  // The keyboard goes back to where the form was opened.
  useEffect(() => {
    if (wasOpen.current && !isOpen) opener.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  const setup = surveySetup.all.value.find((one) => one.id === id);
  if (setup === undefined) return null;
  const draft = isOpen ? surveySetup.draft.value : null;
  const nameOf = (team: string) => state.value.teams.find((one) => one.id === team)?.name ?? team;
  return (
    <div class="survey-setup">
      <p>
        {setup.settings !== null && <span>{inWords(setup.settings, nameOf)}</span>} <Origin of={setup} />{' '}
        {setup.mayEdit && draft === null && setup.settings !== null && (
          <button
            ref={opener}
            type="button"
            class="link"
            aria-label={words.changeOf(title)}
            onClick={() => surveySetup.show(id)}
          >
            {words.change}
          </button>
        )}{' '}
        {setup.mayEdit && draft === null && setup.settings === null && (
          <button type="button" class="link" onClick={() => void surveySetup.reset(id)}>
            {words.reset}
          </button>
        )}
      </p>
      {draft !== null && <Form setup={setup} draft={draft} title={title} />}
    </div>
  );
}

function inWords(settings: SurveySettings, nameOf: (team: string) => string): string {
  if (!settings.enabled) return words.off;
  const share = settings.sample === 1 ? words.every : words.share(surveyDraftOf(settings).sample);
  const parts = [words.on[settings.on](share)];
  if (settings.teams !== null) parts.push(words.onlyTeams(settings.teams.map(nameOf).join(', ')));
  return parts.join(', ');
}

function Form({ setup, draft, title }: { setup: SurveySetup; draft: SurveyDraft; title: string }) {
  const { surveySetup, state, setup: runs } = useDesk();
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const found = surveySetup.problems.value.length > 0 ? surveySetup.problems.value : setup.problems;
  const problemAt = (path: string) => setupProblemAt(found, path);
  const file = setup.file === null ? null : surveyDraftOf(setup.file);
  const problem = surveySetup.saveProblem.value;
  const sites = runs.config.value?.sites ?? [];
  const numbers = [
    ['sample', 'sample', words.sample],
    ['quietDays', 'quietDays', words.quietDays],
    ['expiresDays', 'expiresMs', words.expiresDays],
    ['editHours', 'editWindowMs', words.editHours],
  ] as const;
  const choices = [
    ['teams', words.teams, state.value.teams.map(({ id, name }) => ({ id, name, hint: '' }))],
    ['sites', words.sites, sites.map(({ key, name }) => ({ id: key, name, hint: key }))],
  ] as const;
  return (
    <form
      class="editor"
      noValidate
      aria-label={words.changeOf(title)}
      onSubmit={(event) => {
        event.preventDefault();
        void surveySetup.save();
      }}
    >
      {setup.state === 'unfit' && <p class="notice">{texts.origin.unfitHint}</p>}
      <label class="check">
        <input
          ref={first}
          type="checkbox"
          checked={draft.enabled}
          onChange={(event) => surveySetup.change({ enabled: event.currentTarget.checked })}
        />
        {words.enabled}
      </label>
      <div class="field-row">
        <Field label={words.moment} problem={problemAt('on')}>
          {(props) => (
            <select
              {...props}
              value={draft.on}
              onChange={(event) =>
                surveySetup.change({ on: event.currentTarget.value === 'transfer' ? 'transfer' : 'resolve' })
              }
            >
              <option value="resolve">{words.moments.resolve}</option>
              <option value="transfer">{words.moments.transfer}</option>
            </select>
          )}
        </Field>
        {numbers.map(([name, path, label]) => (
          <Field
            key={name}
            label={label}
            hint={file !== null && file[name] !== draft[name] ? words.asInFile(file[name]) : undefined}
            problem={problemAt(path) === null ? null : words.problems[path]}
          >
            {(props) => (
              <input
                {...props}
                type="text"
                inputMode="decimal"
                maxLength={12}
                autoComplete="off"
                value={draft[name]}
                onInput={(event) => surveySetup.change({ [name]: event.currentTarget.value })}
              />
            )}
          </Field>
        ))}
      </div>
      {choices.map(
        ([name, label, all]) =>
          all.length > 1 && (
            <fieldset key={name} class="choices">
              <legend class="field-label">{label}</legend>
              <p class="hint">{words.allHint}</p>
              {all.map((one) => (
                <label key={one.id} class="check">
                  <input
                    type="checkbox"
                    checked={draft[name].includes(one.id)}
                    onChange={(event) =>
                      surveySetup.change({
                        [name]: event.currentTarget.checked
                          ? [...draft[name], one.id]
                          : draft[name].filter((id) => id !== one.id),
                      })
                    }
                  />
                  <bdi>{one.name}</bdi>
                  {one.hint !== '' && <span class="hint">{one.hint}</span>}
                </label>
              ))}
              {found
                .filter(({ path }) => path.startsWith(name))
                .map(({ path, problem, fix }) => (
                  <p key={path} class="field-problem" role="alert">
                    {problem} {fix}
                  </p>
                ))}
            </fieldset>
          ),
      )}
      <Problem text={problem} />
      <div class="setup-foot">
        {setup.revision !== null && (
          <button
            type="button"
            class="button quiet"
            aria-disabled={surveySetup.isBusy.value}
            onClick={() => void surveySetup.reset(setup.id)}
          >
            {words.reset}
          </button>
        )}
        <span class="gap" />
        <button type="button" class="button" onClick={() => surveySetup.show(null)}>
          {texts.cancel}
        </button>
        <button type="submit" class="button primary" aria-disabled={surveySetup.isBusy.value}>
          {words.save}
        </button>
      </div>
    </form>
  );
}

import type { SurveyAnswerRow, SurveyOverview, SurveyQuestion } from '@sveiki/sdk/agent';
import { answerLines, scoreInWords, surveyTitle } from '../models/answers.ts';
import { distribution, figuresInWords, labelIn, percent } from '../models/figures.ts';
import { ownerName, visitorName } from '../models/people.ts';
import { formatWhich, periods, type Which } from '../models/surveys-page.ts';
import { fullTime, pastAge } from '../models/times.ts';
import { useDesk } from '../parts/desk-context.ts';
import { Icon } from '../parts/icon.tsx';
import { ConversationLink, PageFrame, PageLink, PageProblem } from '../parts/page.tsx';
import { SurveySetupPart } from '../parts/survey-setup.tsx';
import { texts } from '../texts.ts';

const words = texts.surveys;

/** How the surveys do. Each number is a link to the conversations it was counted from. */
export function SurveysPage() {
  const { surveysPage } = useDesk();
  if (!surveysPage.isAllowed.value)
    return (
      <PageFrame heading={words.heading}>
        <p class="page-empty hint">{words.forbidden}</p>
      </PageFrame>
    );
  return surveysPage.which.value === null ? <Overview /> : <Answers which={surveysPage.which.value} />;
}

function Period() {
  const { surveysPage } = useDesk();
  return (
    <label class="inline-field">
      <span>{words.period}</span>
      <select
        value={surveysPage.days.value}
        onChange={(event) => surveysPage.setDays(Number(event.currentTarget.value))}
      >
        {periods.map((days) => (
          <option key={days} value={days}>
            {words.lastDays(days)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Overview() {
  const { surveysPage } = useDesk();
  const surveys = surveysPage.surveys.value;
  const problem = surveysPage.problem.value;
  return (
    <PageFrame heading={words.heading} actions={<Period />}>
      {problem !== null && (
        <PageProblem text={words.failed(problem)} label={texts.lists.retry} onRetry={surveysPage.retry} />
      )}
      {surveys === null && problem === null && (
        <p class="page-empty hint late" role="status">
          {words.loading}
        </p>
      )}
      {surveys?.length === 0 && <p class="page-empty hint">{words.none}</p>}
      {surveys !== null && surveys.length > 0 && <p class="hint page-lead">{words.doubt}</p>}
      {surveys?.map((survey) => (
        <Survey key={survey.id} survey={survey} days={surveysPage.days.value} />
      ))}
    </PageFrame>
  );
}

function Survey({ survey, days }: { survey: SurveyOverview; days: number }) {
  const { response } = survey;
  const id = `survey-${survey.id}`;
  const to = (part: Partial<Which>) => formatWhich({ survey: survey.id, days, ...part });
  const numbers: [label: string, value: number, detail: string | null][] = [
    [words.response.answered, response.answered, to({ state: 'counted' })],
    [words.response.delivered, response.delivered, null],
    [words.response.sent, response.sent, to({})],
    [words.response.late, response.late, to({ state: 'late' })],
    [words.response.expired, response.expired, null],
    [words.response.suppressed, response.suppressed, null],
  ];
  return (
    <section class="page-part survey" aria-labelledby={id}>
      <h3 id={id}>
        {surveyTitle(survey)} {survey.kind !== 'custom' && <span class="hint">{survey.id}</span>}{' '}
        {survey.retired && <span class="tag">{words.retired}</span>}
      </h3>
      <p class="survey-rate">
        {response.rate === null || response.interval === null
          ? words.noRate
          : words.rate(percent(response.rate), Math.round(response.interval.low), Math.round(response.interval.high))}
      </p>
      <dl class="counts">
        {numbers
          .filter(([, value], index) => value > 0 || index < 3)
          .map(([label, value, detail]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                {detail === null || value === 0 ? (
                  value
                ) : (
                  <PageLink page="surveys" detail={detail} label={words.listThem(label, value)}>
                    {value}
                  </PageLink>
                )}
              </dd>
            </div>
          ))}
      </dl>
      <SurveySetupPart id={survey.id} title={surveyTitle(survey)} />
      {survey.cut && <p class="hint">{words.cut}</p>}
      {survey.questions.map((question) => (
        <Question key={question.field} question={question} to={to} />
      ))}
    </section>
  );
}

type To = (part: Partial<Which>) => string;

function Question({ question, to }: { question: SurveyQuestion; to: To }) {
  const label = labelIn(question.label);
  const groups = [
    ...question.agents.map(({ agent, figures }) => ({
      key: `agent ${agent.id}`,
      name: ownerName(agent),
      kind: words.agent,
      figures,
      detail: to({ field: question.field, agent: agent.id, series: 'human', state: 'counted' }),
    })),
    ...question.teams.map(({ team, figures }) => ({
      key: `team ${team.id}`,
      name: team.name,
      kind: words.team,
      figures,
      detail: to({ field: question.field, team: team.id, series: 'human', state: 'counted' }),
    })),
  ];
  return (
    <div class="question">
      <h4 dir="auto">{label}</h4>
      <div class="series-pair">
        <Series question={question} series="human" to={to} />
        {question.bot.n > 0 && <Series question={question} series="bot" to={to} />}
      </div>
      {groups.length > 0 && (
        <div class="table-frame">
          <table class="table">
            <caption class="unseen">{words.byWhom(label)}</caption>
            <thead>
              <tr>
                <th scope="col">{words.who}</th>
                <th scope="col">{words.result}</th>
                <th scope="col" class="number">
                  {words.answers}
                </th>
              </tr>
            </thead>
            <tbody>
              {groups.map(({ key, name, kind, figures, detail }) => {
                const { headline, range } = figuresInWords(figures);
                return (
                  <tr key={key} class={figures.few ? 'few' : ''}>
                    <th scope="row">
                      <bdi>{name}</bdi> <span class="hint">{kind}</span>
                    </th>
                    <td>
                      {figures.few ? words.tooFew : headline}
                      {!figures.few && range !== null && <span class="hint under">{range}</span>}
                    </td>
                    <td class="number">
                      <PageLink page="surveys" detail={detail} label={words.listAnswersOf(name, figures.n)}>
                        {figures.n}
                      </PageLink>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

/** People's answers, or the bot's: never mixed. The bars are decoration of a table that says the same. */
function Series({ question, series, to }: { question: SurveyQuestion; series: 'human' | 'bot'; to: To }) {
  const figures = question[series];
  const { headline, range, more } = figuresInWords(figures);
  const most = Math.max(1, ...figures.counts);
  return (
    <div class={`series ${figures.few ? 'few' : ''}`}>
      <p class="series-of hint">
        <Icon name={series === 'bot' ? 'bot' : 'person'} size={14} />
        {words.series[series]}
      </p>
      <p class="headline">{headline ?? words.noAnswers}</p>
      {figures.n > 0 && (
        <p class="hint">
          {figures.few ? words.few(figures.n) : [words.ofAnswers(figures.n), range].filter(Boolean).join(' · ')}
        </p>
      )}
      {more !== null && <p class="hint">{more}</p>}
      {figures.n > 0 && (
        <table class="bars">
          <caption class="unseen">{words.distribution(labelIn(question.label))}</caption>
          <thead class="unseen">
            <tr>
              <th scope="col">{words.point}</th>
              <th scope="col">{words.answers}</th>
              <th scope="col">{words.share}</th>
            </tr>
          </thead>
          <tbody>
            {distribution(question, figures).map(({ point, name, count, share }) => (
              <tr key={point}>
                <th scope="row">{name}</th>
                <td class="number">
                  {count === 0 ? (
                    0
                  ) : (
                    <PageLink
                      page="surveys"
                      detail={to({ field: question.field, score: point, series, state: 'counted' })}
                      label={words.listPoint(count, name)}
                    >
                      {count}
                    </PageLink>
                  )}
                </td>
                <td>
                  <span class="bar" aria-hidden="true">
                    <span class="bar-fill" style={{ inlineSize: `${(count / most) * 100}%` }} />
                  </span>
                  <span class="unseen">{percent(share)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

/** The conversations behind a number. */
function Answers({ which }: { which: Which }) {
  const { surveysPage, state } = useDesk();
  const rows = surveysPage.rows.value;
  const problem = surveysPage.problem.value;
  const overview = surveysPage.surveys.value?.find(({ id }) => id === which.survey);
  const title = overview === undefined ? (rows?.[0] && titleOf(rows[0])) || which.survey : surveyTitle(overview);
  const parts = [
    words.lastDays(which.days),
    which.state !== undefined ? words.states[which.state] : null,
    which.score !== undefined ? words.onlyPoint(which.score) : null,
    which.agent !== undefined
      ? words.onlyAgent(state.value.agents.find(({ id }) => id === which.agent)?.name ?? which.agent)
      : null,
    which.team !== undefined
      ? words.onlyTeam(state.value.teams.find(({ id }) => id === which.team)?.name ?? which.team)
      : null,
    which.series !== undefined ? words.onlySeries[which.series] : null,
  ].filter((part) => part !== null);
  return (
    <PageFrame
      heading={words.answersOf(title)}
      back={{ label: words.all, page: 'surveys', detail: `?days=${which.days}` }}
      actions={<Period />}
    >
      <p class="hint page-lead">{parts.join(' · ')}</p>
      {problem !== null && (
        <PageProblem text={words.failed(problem)} label={texts.lists.retry} onRetry={surveysPage.retry} />
      )}
      {rows === null && problem === null && (
        <p class="page-empty hint late" role="status">
          {words.loading}
        </p>
      )}
      {rows?.length === 0 && <p class="page-empty hint">{words.nothingHere}</p>}
      <ul class="answer-rows">
        {rows?.map((row) => (
          <AnswerRow key={row.ask} row={row} />
        ))}
      </ul>
      {surveysPage.hasMore.value && (
        <p class="more">
          <button
            type="button"
            class="button"
            aria-disabled={surveysPage.isBusy.value}
            onClick={() => void surveysPage.loadMore()}
          >
            {texts.lists.more}
          </button>
        </p>
      )}
    </PageFrame>
  );
}

const titleOf = (row: SurveyAnswerRow) => labelIn(row.form.title ?? row.form.id);

function AnswerRow({ row }: { row: SurveyAnswerRow }) {
  const { now, around } = useDesk();
  const lines = row.answers === null ? [] : answerLines(row.answers, row.form);
  const name = visitorName(row.visitor);
  const at = row.answeredAt ?? row.askedAt;
  const score = row.score === null ? null : scoreOf(row);
  return (
    <li class="answer-row">
      <p class="answer-head">
        <ConversationLink id={row.conversation} class="answer-name">
          <bdi>{name}</bdi>
        </ConversationLink>
        {score !== null && <b>{score}</b>}
        {row.late && <span class="tag">{words.states.late}</span>}
        <span class="hint answer-about">
          {row.series === 'bot' && <Icon name="bot" size={14} />}
          {row.agent !== null && <bdi>{ownerName(row.agent)}</bdi>}
          {row.agent !== null && row.team !== null && ' · '}
          {row.team !== null && <bdi>{row.team.name}</bdi>}
        </span>
        <time class="hint" title={fullTime(at, around.timeZone)}>
          {pastAge(at, now.value, around.timeZone).text}
        </time>
      </p>
      {row.answers === null ? (
        <p class="hint">{row.delivered ? words.seenOnly : words.notSeen}</p>
      ) : (
        <dl class="asked-lines">
          {lines.map(({ question, answer }, index) => (
            <div key={index}>
              <dt>
                <bdi>{question}</bdi>
              </dt>
              <dd dir="auto">{answer}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

/** With the scale of the rating it belongs to, when the form has one. */
function scoreOf(row: SurveyAnswerRow): string | null {
  const scale = row.form.fields.find((field) => field.kind === 'rating');
  const kind = scale?.kind === 'rating' && scale.scale !== 'thumbs' ? scale.scale : 'custom';
  return scoreInWords({ score: row.score ?? undefined, survey: { id: '', kind } }, row.form);
}

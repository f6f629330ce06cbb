import type { AgentProfile } from '@sveiki/sdk/agent';
import { skillName } from '../models/arrival.ts';
import { hoursInWords } from '../models/hours.ts';
import { ownerName } from '../models/people.ts';
import { clockTime, fullTime, pastAge } from '../models/times.ts';
import { Avatar, PresenceMark } from '../parts/avatar.tsx';
import { useDesk } from '../parts/desk-context.ts';
import { Icon } from '../parts/icon.tsx';
import { ConversationLink, PageFrame, PageLink, PageProblem } from '../parts/page.tsx';
import { byPresence, Load } from '../parts/team-menu.tsx';
import { texts } from '../texts.ts';
import { ScheduleEditor, Schedules } from './schedules.tsx';

const words = texts.teamPage;

/** Who is there, which teams are open, what runs, and what of the site's own code failed. */
export function TeamPage() {
  const { teamPage, schedules, personalData, auditPage } = useDesk();
  if (schedules.editing.value !== null) return <ScheduleEditor key={schedules.editing.value} />;
  return (
    <PageFrame
      heading={words.heading}
      actions={
        teamPage.isLead.value && (
          <>
            <PageLink page="blocked" detail="" class="button">
              <Icon name="shield" size={16} />
              {texts.pages.blocked}
            </PageLink>
            {personalData.isAllowed.value && (
              <PageLink page="people" detail="" class="button">
                <Icon name="person" size={16} />
                {texts.pages.people}
              </PageLink>
            )}
            {auditPage.isAllowed.value && (
              <PageLink page="audit" detail="" class="button">
                <Icon name="clock" size={16} />
                {texts.pages.audit}
              </PageLink>
            )}
          </>
        )
      }
    >
      <Teams />
      <People />
      <Schedules />
      <Runs />
      {teamPage.isLead.value && <Failures />}
    </PageFrame>
  );
}

function Teams() {
  const { teamPage, now, around, setup } = useDesk();
  return (
    <section class="page-part" aria-labelledby="teams-heading">
      <h3 id="teams-heading">{words.teams}</h3>
      {setup.problem.value !== null && (
        <PageProblem
          text={words.configFailed(setup.problem.value)}
          label={texts.lists.retry}
          onRetry={() => void setup.load()}
        />
      )}
      <ul class="cards">
        {teamPage.teams.value.map((team) => (
          <li key={team.id} class="card">
            <h4>
              <bdi>{team.name}</bdi>
            </h4>
            {team.hours !== null && (
              <p class={`team-hours ${team.hours.open ? 'open' : 'closed'}`}>
                <Icon name={team.hours.open ? 'clock' : 'waiting'} size={14} />
                {hoursInWords(team.hours, now.value, around.timeZone)}
              </p>
            )}
            <dl class="counts">
              <div>
                <dt>{words.online}</dt>
                <dd>{words.ofMembers(team.online, team.members)}</dd>
              </div>
              <div>
                <dt>{words.waiting}</dt>
                <dd>{words.waits(team.waiting, teamPage.isCut.value)}</dd>
              </div>
              {team.strategy !== null && (
                <div>
                  <dt>{words.strategy}</dt>
                  <dd>{team.strategy}</dd>
                </div>
              )}
            </dl>
          </li>
        ))}
      </ul>
    </section>
  );
}

function People() {
  const { teamPage, state } = useDesk();
  const people = [...teamPage.people.value].sort(byPresence);
  const nameOf = (id: string) => state.value.teams.find((team) => team.id === id)?.name ?? id;
  return (
    <section class="page-part" aria-labelledby="people-heading">
      <h3 id="people-heading">{words.people}</h3>
      {people.length === 0 && <p class="hint">{texts.team.empty}</p>}
      <ul class="person-rows">
        {people.map((agent) => (
          <li key={agent.id} class="person-row">
            <Avatar id={agent.id} name={agent.name} size="small" />
            <p class="person-name">
              <b>
                <bdi>{agent.name}</bdi>
              </b>
              <span class="hint">
                <PresenceMark presence={agent.presence} isNamed /> {texts.presence[agent.presence]}
                {agent.role !== 'agent' && ` · ${roleName(agent.role)}`}
              </span>
            </p>
            <p class="person-facts">
              {agent.teams.length > 0 && <span>{agent.teams.map(nameOf).join(', ')}</span>}
              <Skills skills={agent.skills} />
              <Shift agent={agent} />
            </p>
            <Load agent={agent} />
          </li>
        ))}
        {teamPage.bots.value.map((bot) => (
          <li key={bot.id} class="person-row">
            <span class="avatar small team" aria-hidden="true">
              <Icon name="bot" size={14} />
            </span>
            <p class="person-name">
              <b>
                <bdi>{ownerName({ name: bot.name, bot: true })}</bdi>
              </b>
              <span class="hint">
                <PresenceMark presence={bot.presence} isNamed /> {texts.presence[bot.presence]}
              </span>
            </p>
            <p class="person-facts" />
            <span class="load">{words.carries(bot.load)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const roleName = (role: AgentProfile['role']) => (role === 'bot' ? '' : texts.team.roles[role]);

function Skills({ skills }: { skills: AgentProfile['skills'] }) {
  const all = Object.entries(skills ?? {});
  if (all.length === 0) return null;
  return <span>{words.skills(all.map(([skill, level]) => words.skill(skillName(skill), level)).join(', '))}</span>;
}

function Shift({ agent }: { agent: AgentProfile }) {
  const { around } = useDesk();
  if (agent.shiftEndsAt === undefined) return null;
  return (
    <span>
      {agent.shiftEndsAt === null ? words.offShift : words.shiftEnds(clockTime(agent.shiftEndsAt, around.timeZone))}
    </span>
  );
}

function Runs() {
  const { setup, around } = useDesk();
  const config = setup.config.value;
  if (config === null) return null;
  return (
    <section class="page-part" aria-labelledby="runs-heading">
      <h3 id="runs-heading">{words.runs}</h3>
      <dl class="facts wide">
        <div>
          <dt>{words.version}</dt>
          <dd>
            <code>{config.version}</code>
          </dd>
        </div>
        <div>
          <dt>{words.source}</dt>
          <dd>
            <bdi>{config.source}</bdi>
          </dd>
        </div>
        <div>
          <dt>{words.loaded}</dt>
          <dd>{fullTime(config.loadedAt, around.timeZone)}</dd>
        </div>
      </dl>
    </section>
  );
}

function Failures() {
  const { teamPage, now, around } = useDesk();
  const failures = teamPage.failures.value;
  const problem = teamPage.failuresProblem.value;
  return (
    <section class="page-part" aria-labelledby="failures-heading">
      <h3 id="failures-heading">{words.failures}</h3>
      {problem !== null && (
        <PageProblem text={words.failuresFailed(problem)} label={texts.lists.retry} onRetry={teamPage.refresh} />
      )}
      {failures !== null && failures.length === 0 && <p class="hint">{words.noFailures}</p>}
      <ul class="failure-rows">
        {failures?.map((failure, index) => (
          <li key={`${failure.at} ${failure.hook} ${index}`} class="failure-row">
            <Icon name="warning" size={16} />
            <div>
              <p>
                <b>
                  <bdi>{failure.hook}</bdi>
                </b>{' '}
                <span class="hint">{failure.stage}</span>
              </p>
              <p class="failure-text">{failure.message}</p>
              <p class="hint">
                <time title={fullTime(failure.at, around.timeZone)}>
                  {pastAge(failure.at, now.value, around.timeZone).words}
                </time>
                {failure.conversation !== null && (
                  <>
                    {' · '}
                    <ConversationLink id={failure.conversation}>{words.conversation}</ConversationLink>
                  </>
                )}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

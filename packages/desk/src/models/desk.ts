import { computed, signal } from '@preact/signals';
import type { Agent, AgentState } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { texts } from '../texts.ts';
import { createAlerts } from './alerts.ts';
import { createAuditPage } from './audit-page.ts';
import { createBotDraft } from './bot-draft.ts';
import { commandsOf } from './commands.ts';
import { createComposer } from './composer.ts';
import { createConnectionNotice } from './connection.ts';
import { createConversation } from './conversation.ts';
import { createDrafts } from './drafts.ts';
import { createInbox } from './inbox.ts';
import { createOffers } from './offers.ts';
import { createPalette } from './palette.ts';
import { createPerson } from './person.ts';
import { createPersonalData } from './personal-data.ts';
import { createRepliesPage } from './replies-page.ts';
import { createRoute } from './route.ts';
import { createSchedules } from './schedules.ts';
import { createScreen } from './screen.ts';
import { createSession } from './session.ts';
import { createSettings } from './settings.ts';
import { createSetup } from './setup.ts';
import { createSpamPage } from './spam.ts';
import { createSurveySetup } from './survey-setup.ts';
import { createSurveysPage } from './surveys-page.ts';
import { createTeamPage } from './team-page.ts';
import { createUnread } from './unread.ts';

/** Ages and clocks on screen are at most this old. */
const tickMs = 10_000;

/** All models of the desk around one agent door. They know each other only through what is passed in here. */
export function createDesk(agent: Agent, around: Surroundings) {
  const state = signal<AgentState>(agent.state);
  const stopState = agent.subscribe(() => {
    state.value = agent.state;
  });

  const now = signal(around.clock.now());
  let stopClock = around.clock.after(tickMs, tick);
  function tick() {
    now.value = around.clock.now();
    stopClock = around.clock.after(tickMs, tick);
  }

  const settings = createSettings(around.storage);
  const routing = createRoute(around.address);
  const session = createSession({ agent, state, address: around.address });
  const screen = createScreen({ page: around.page, settings, routing });
  const unread = createUnread(state);
  const inbox = createInbox({ agent, state, now, timeZone: around.timeZone, routing, unread });
  const conversation = createConversation({ agent, state, now, around, routing, unread });
  const drafts = createDrafts(around.storage, around.clock.now);
  const composer = createComposer({ agent, state, conversation, drafts, clock: around.clock });
  const person = createPerson({ agent, state, now, timeZone: around.timeZone, conversation });
  const alerts = createAlerts({ agent, state, around, settings, conversation, unread, routing });
  const setup = createSetup({ agent, state });
  const repliesPage = createRepliesPage({ agent, state, around, routing, alerts });
  const surveysPage = createSurveysPage({ agent, state, around, routing });
  const teamPage = createTeamPage({ agent, state, now, routing, setup });
  const schedules = createSchedules({ agent, state, around, routing, setup, alerts });
  const surveySetup = createSurveySetup({ agent, setup, alerts });
  const personalData = createPersonalData({ agent, state, around, routing, alerts });
  const auditPage = createAuditPage({ agent, state, around, routing });
  const spamPage = createSpamPage({ agent, state, routing, alerts });
  const offers = createOffers({ agent, state, around, alerts, composer, routing, screen });
  const botDraft = createBotDraft({ agent, state, clock: around.clock, conversation, composer, screen, alerts });
  const connection = createConnectionNotice({
    state,
    page: around.page,
    clock: around.clock,
    onBack: () => alerts.say(texts.connection.back),
  });
  const commands = commandsOf({
    agent,
    inbox,
    conversation,
    composer,
    screen,
    settings,
    session,
    alerts,
    routing,
    offers,
    botDraft,
    surveysPage,
    personalData,
    auditPage,
    spamPage,
  });
  const palette = createPalette({ state, commands, screen, routing });

  return {
    agent,
    around,
    state,
    now,
    me: computed(() => state.value.me),
    settings,
    routing,
    session,
    screen,
    inbox,
    conversation,
    composer,
    person,
    alerts,
    setup,
    offers,
    botDraft,
    repliesPage,
    surveysPage,
    teamPage,
    schedules,
    surveySetup,
    spamPage,
    auditPage,
    personalData,
    connection,
    commands,
    palette,
    dispose() {
      stopState();
      stopClock();
      for (const part of [
        routing,
        screen,
        inbox,
        conversation,
        composer,
        person,
        alerts,
        setup,
        offers,
        botDraft,
        repliesPage,
        surveysPage,
        teamPage,
        schedules,
        spamPage,
        auditPage,
        personalData,
        connection,
      ])
        part.dispose();
    },
  };
}
export type Desk = ReturnType<typeof createDesk>;

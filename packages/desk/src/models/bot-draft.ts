import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { type Agent, type AgentState, type OutgoingBlock, plainText } from '@sveiki/sdk/agent';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { texts } from '../texts.ts';
import type { AlertsModel } from './alerts.ts';
import type { ComposerModel } from './composer.ts';
import type { ConversationModel } from './conversation.ts';
import { ownerName } from './people.ts';
import { sentenceOf } from './problems.ts';
import type { ScreenModel } from './screen.ts';

/** A key pressed sooner was meant for what stood there before. */
const settledMs = 700;

/** Words a bot proposes to the person who answers. Nothing of them goes out by itself. */
export function createBotDraft(parts: {
  agent: Agent;
  state: ReadonlySignal<AgentState>;
  clock: Surroundings['clock'];
  conversation: ConversationModel;
  composer: ComposerModel;
  screen: ScreenModel;
  alerts: AlertsModel;
}) {
  const { agent, clock, conversation, composer, screen, alerts } = parts;
  const dismissed = signal<ReadonlySet<string>>(new Set());
  const isBusy = signal(false);

  const draft = computed(() => {
    const event = conversation.watched.value?.draft ?? null;
    if (event === null || dismissed.value.has(event.id) || conversation.footer.value !== 'reply') return null;
    const by = 'name' in event.actor ? ownerName({ name: event.actor.name, bot: true }) : texts.handoff.aBot;
    return { id: event.id, by, blocks: event.body.blocks };
  });

  let since = 0;
  let shown: string | null = null;
  const stopNotice = effect(() => {
    const next = draft.value;
    if (next?.id === shown) return;
    shown = next?.id ?? null;
    since = clock.now();
    if (next !== null) alerts.say(texts.botDraft.said(next.by));
  });

  const dismiss = () => {
    if (draft.value !== null) dismissed.value = new Set(dismissed.value).add(draft.value.id);
  };

  return {
    draft,
    isBusy,
    dismiss,
    /** Into the composer, to be changed: behind what stands there. */
    use() {
      if (draft.value === null) return;
      composer.setMode('reply');
      composer.append(plainText(draft.value.blocks));
      dismiss();
      screen.focusOn('composer');
    },
    /** Says it as it is. */
    async send() {
      const proposed = draft.value;
      const id = conversation.id.value;
      if (proposed === null || id === null || isBusy.value || clock.now() - since < settledMs) return;
      isBusy.value = true;
      try {
        await agent.send(id, proposed.blocks.map(outgoing));
        dismissed.value = new Set(dismissed.value).add(proposed.id);
      } catch (error) {
        alerts.toast(texts.botDraft.notSent(sentenceOf(error)));
      } finally {
        isBusy.value = false;
      }
    },
    dispose: stopNotice,
  };
}
export type BotDraftModel = ReturnType<typeof createBotDraft>;

type Blocks = NonNullable<NonNullable<ConversationModel['watched']['value']>['draft']>['body']['blocks'];

/** What was stored with a tree goes out as its source again; the relay makes the tree. */
const outgoing = (block: Blocks[number]): OutgoingBlock =>
  block.kind === 'text' ? { kind: 'text', text: block.text } : block;

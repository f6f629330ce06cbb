import { useRef } from 'preact/hooks';
import { ownerName } from '../models/people.ts';
import { BotDraftCard } from '../parts/bot-draft-card.tsx';
import { Company } from '../parts/company.tsx';
import { Composer } from '../parts/composer.tsx';
import { useDesk } from '../parts/desk-context.ts';
import { useFocusWish } from '../parts/focus-wish.ts';
import { HandoffCard } from '../parts/handoff-card.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Log } from '../parts/log.tsx';
import { Mark } from '../parts/mark.tsx';
import { SpamBar } from '../parts/spam-dialog.tsx';
import { texts } from '../texts.ts';

const words = texts.conversation;

/** The pane in the middle: who it is about, what was said, and where the next word goes. */
export function Conversation() {
  const { conversation, routing, screen } = useDesk();
  const id = conversation.id.value;
  const status = conversation.status.value;
  if (status === 'none') return <NothingOpen />;
  return (
    <section id="conversation" class="pane conversation" aria-label={words.label} tabIndex={-1}>
      <Heading />
      <Refusal />
      <SpamBar />
      {status === 'loading' && (
        <div class="log-frame late" role="status">
          <p class="centered hint">{words.loading}</p>
        </div>
      )}
      {status === 'failed' && (
        <div class="log-frame">
          <div class="empty">
            <Icon name="warning" />
            <p>{words.failed(conversation.problem.value ?? '')}</p>
            <p class="ways">
              <button type="button" class="button" onClick={() => conversation.retryOpening()}>
                {words.tryAgain}
              </button>
              <button
                type="button"
                class="button quiet"
                onClick={() => {
                  routing.go({ conversation: null });
                  screen.focusOn('list');
                }}
              >
                {words.close}
              </button>
            </p>
          </div>
        </div>
      )}
      {status === 'ready' && (
        <>
          <HandoffCard key={`handoff ${id}`} />
          <Log key={id} />
          <BotDraftCard />
          <Company />
          <Composer />
        </>
      )}
    </section>
  );
}

function NothingOpen() {
  const { around } = useDesk();
  return (
    <section id="conversation" class="pane conversation nothing-open" aria-label={words.label} tabIndex={-1}>
      <div class="empty">
        <Mark />
        <h2 class="empty-title">{words.none}</h2>
        <p class="hint">{words.noneText(around.isMac ? '⌘ K' : 'Ctrl K')}</p>
      </div>
    </section>
  );
}

function Heading() {
  const { conversation, screen } = useDesk();
  const heading = useRef<HTMLHeadingElement>(null);
  const one = conversation.current.value;

  const isLoading = conversation.status.value === 'loading';

  // Where the next thing to do is: the reply, else Take, else the name. On touch screens a keyboard would jump up, so the name.
  useFocusWish(
    'conversation',
    () => {
      const isTouch = matchMedia('(pointer: coarse)').matches;
      const next = isTouch ? null : (document.getElementById('composer-text') ?? document.getElementById('take'));
      (next ?? heading.current)?.focus();
    },
    !isLoading,
  );

  return (
    <div class="conversation-head">
      <button
        type="button"
        class="button icon-only quiet back"
        aria-label={texts.back}
        onClick={() => screen.focusOn('list')}
      >
        <Icon name="back" />
      </button>
      <div class="conversation-title">
        <h2 ref={heading} tabIndex={-1}>
          <bdi>{conversation.name.value || words.label}</bdi>
        </h2>
        {one !== undefined && <Standing />}
      </div>
      {one !== undefined && <Actions />}
    </div>
  );
}

/** Status, owner and team in one line. */
function Standing() {
  const { conversation } = useDesk();
  const one = conversation.current.value;
  if (one === undefined) return null;
  const status = conversation.isQueued.value ? 'queued' : one.status;
  const icons: Record<typeof status, IconName> = {
    open: 'chat',
    waiting: 'waiting',
    resolved: 'resolve',
    queued: 'queue',
  };
  const owner = conversation.isOwn.value ? words.ownerYou : one.owner === null ? undefined : ownerName(one.owner);
  return (
    <p class="standing">
      <span class={`standing-status ${status}`}>
        <Icon name={icons[status]} size={14} />
        {words.status[status]}
      </span>
      {owner !== undefined && (
        <span>
          <Icon name={one.owner?.bot === true ? 'bot' : 'person'} size={14} />
          <bdi>{owner}</bdi>
        </span>
      )}
      {one.team !== null && (
        <span>
          <Icon name="team" size={14} />
          <bdi>{one.team.name}</bdi>
        </span>
      )}
    </p>
  );
}

function Actions() {
  const { conversation, screen } = useDesk();
  const one = conversation.current.value;
  const isBusy = conversation.busy.value !== null;
  const isWaiting = one?.status === 'waiting';
  return (
    <div class="conversation-actions">
      {conversation.isOwn.value && one?.status !== 'resolved' && (
        <button
          type="button"
          class="button quiet status-button"
          title={isWaiting ? texts.actions.reopen : texts.actions.wait}
          aria-disabled={isBusy}
          onClick={() => void conversation.setStatus(isWaiting ? 'open' : 'waiting')}
        >
          <Icon name={isWaiting ? 'chat' : 'waiting'} size={18} />
          <span class="button-word">{isWaiting ? texts.actions.reopen : texts.actions.wait}</span>
        </button>
      )}
      {conversation.mayReturn.value && (
        <button
          type="button"
          class="button quiet status-button"
          title={texts.actions.returnToBot}
          onClick={() => screen.open('return')}
        >
          <Icon name="bot" size={18} />
          <span class="button-word">{texts.actions.returnToBot}</span>
        </button>
      )}
      {conversation.maySpam.value && (
        <button
          type="button"
          class="button quiet status-button"
          title={texts.actions.spam}
          onClick={() => screen.open('spam')}
        >
          <Icon name="shield" size={18} />
          <span class="button-word">{texts.actions.spam}</span>
        </button>
      )}
      {conversation.mayTransfer.value && (
        <button type="button" class="button" title={texts.actions.transfer} onClick={() => screen.open('transfer')}>
          <Icon name="transfer" size={18} />
          <span class="button-word">{texts.actions.transfer}</span>
        </button>
      )}
      {conversation.mayResolve.value && (
        <button type="button" class="button" title={texts.actions.resolve} onClick={() => screen.open('resolve')}>
          <Icon name="resolve" size={18} />
          <span class="button-word">{texts.actions.resolve}</span>
        </button>
      )}
      <button
        type="button"
        class="button icon-only quiet"
        aria-label={screen.isDetailsShown.value ? texts.person.hide : texts.person.show}
        title={screen.isDetailsShown.value ? texts.person.hide : texts.person.show}
        aria-expanded={screen.isDetailsShown.value}
        onClick={() => screen.toggleDetails()}
      >
        <Icon name="details" />
      </button>
    </div>
  );
}

/** What the relay refused, with its sentence; nothing on screen was lost by it. */
function Refusal() {
  const { conversation } = useDesk();
  const refused = conversation.refused.value;
  return (
    <div role="alert">
      {refused !== null && (
        <p class="refusal">
          <Icon name="warning" size={16} />
          <span>{refused}</span>
          <button
            type="button"
            class="button icon-only quiet"
            aria-label={texts.alerts.dismiss}
            onClick={() => {
              conversation.refused.value = null;
            }}
          >
            <Icon name="close" size={16} />
          </button>
        </p>
      )}
    </div>
  );
}

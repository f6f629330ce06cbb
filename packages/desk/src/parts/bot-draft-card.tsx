import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Icon } from './icon.tsx';
import { KeyHint } from './kbd.tsx';
import { MessageBoundary } from './message-boundary.tsx';
import { MessageText } from './message-text.tsx';

const words = texts.botDraft;

/** What a bot would say, above the composer: to be used, sent as it is, or put away. */
export function BotDraftCard() {
  const { botDraft } = useDesk();
  const draft = botDraft.draft.value;
  if (draft === null) return null;
  return (
    <section class="bot-draft" aria-label={words.label}>
      <div class="measure">
        <div class="bot-draft-card">
          <p class="bot-draft-by">
            <Icon name="draft" size={16} />
            <b>{words.by(draft.by)}</b> <span class="hint">{words.hint}</span>
          </p>
          <div class="bot-draft-text">
            <MessageBoundary>
              <MessageText blocks={draft.blocks} />
            </MessageBoundary>
          </div>
          <p class="bot-draft-ways">
            <button type="button" class="button" onClick={botDraft.use}>
              {words.use}
              <KeyHint letter="U" />
            </button>
            <button
              type="button"
              class="button"
              aria-disabled={botDraft.isBusy.value}
              onClick={() => void botDraft.send()}
            >
              {words.send}
              <KeyHint letter="S" />
            </button>
            <button type="button" class="button quiet" onClick={botDraft.dismiss}>
              {words.dismiss}
              <KeyHint letter="X" />
            </button>
          </p>
        </div>
      </div>
    </section>
  );
}

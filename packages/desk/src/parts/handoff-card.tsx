import { useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Icon } from './icon.tsx';

const words = texts.handoff;

/** On top of a conversation that a bot (or a rule) gave to people: what whoever answers needs to know before the first word. */
export function HandoffCard() {
  const { conversation } = useDesk();
  const handoff = conversation.handoff.value;
  const [isHidden, setHidden] = useState(false);
  if (handoff === null) return null;
  const hasMore = handoff.reason !== null || handoff.summary !== null || handoff.facts.length > 0;
  return (
    <section class={`handoff ${handoff.state}`} aria-label={words.heading}>
      <div class="measure">
        <div class="handoff-head">
          <p class="handoff-title">
            <Icon name="handoff" size={16} />
            <b>{handoff.heading}</b>
          </p>
          {hasMore && (
            <button type="button" class="link" aria-expanded={!isHidden} onClick={() => setHidden(!isHidden)}>
              {isHidden ? words.show : words.hide}
            </button>
          )}
        </div>
        {handoff.failure !== null && (
          <p class="handoff-failure">
            <Icon name="warning" size={14} />
            {handoff.failure}
          </p>
        )}
        {!isHidden && hasMore && (
          <dl class="handoff-facts">
            {handoff.reason !== null && (
              <div class="long">
                <dt>{words.reason}</dt>
                <dd dir="auto">{handoff.reason}</dd>
              </div>
            )}
            {handoff.summary !== null && (
              <div class="long">
                <dt>{words.summary}</dt>
                <dd dir="auto">{handoff.summary}</dd>
              </div>
            )}
            {handoff.facts.map(({ label, value }) => (
              <div key={label}>
                <dt>
                  <bdi>{label}</bdi>
                </dt>
                <dd>
                  <bdi>{value}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </section>
  );
}

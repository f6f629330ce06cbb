import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Icon } from './icon.tsx';

/** Words for screen readers only: new messages of the open conversation, politely and once. */
export function Announcer() {
  const { alerts } = useDesk();
  return (
    <div class="unseen" aria-live="polite">
      {alerts.said.value.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}

/** Short lines about things that happened elsewhere. They go by themselves; the lists keep what matters. */
export function Toasts() {
  const { alerts } = useDesk();
  return (
    <div class="toasts" role="status">
      {alerts.toasts.value.map(({ id, text }) => (
        <p key={id} class="toast">
          <span>{text}</span>
          <button
            type="button"
            class="button icon-only quiet"
            aria-label={texts.alerts.dismiss}
            onClick={() => alerts.dismiss(id)}
          >
            <Icon name="close" size={16} />
          </button>
        </p>
      ))}
    </div>
  );
}

/** How the connection is, in words, while it is not well. */
export function ConnectionBar() {
  const { connection, state, around } = useDesk();
  const notice = connection.notice.value;
  const words = texts.connection;
  return (
    <div class="connection" role="status">
      {notice !== null && (
        <p class={`connection-bar ${notice}`}>
          <Icon name="warning" size={16} />
          <span>
            {notice === 'closed' ? words.closed(state.value.problem?.message ?? words.closedWhy) : words[notice]}
          </span>
          {notice === 'closed' && (
            <button type="button" class="link" onClick={() => around.page.reload()}>
              {words.reload}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

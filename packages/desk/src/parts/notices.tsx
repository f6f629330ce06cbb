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
  const { state, around } = useDesk();
  const { connection, problem } = state.value;
  const words = texts.connection;
  const text =
    connection.status === 'offline'
      ? words.offline
      : connection.status === 'reconnecting'
        ? words.reconnecting
        : connection.status === 'closed'
          ? words.closed(problem?.message ?? words.closedWhy)
          : null;
  return (
    <div class="connection" role="status">
      {text !== null && (
        <p class={`connection-bar ${connection.status}`}>
          <Icon name="warning" size={16} />
          <span>{text}</span>
          {connection.status === 'closed' && (
            <button type="button" class="link" onClick={() => around.page.reload()}>
              {words.reload}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

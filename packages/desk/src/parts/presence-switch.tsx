import type { Presence } from '@sveiki/sdk/agent';
import { setPresence } from '../models/commands.ts';
import { texts } from '../texts.ts';
import { Avatar, PresenceMark } from './avatar.tsx';
import { useDesk } from './desk-context.ts';

const presences: readonly Presence[] = ['online', 'away', 'offline'];

/** Who is signed in, and whether conversations may be given to him. */
export function PresenceSwitch() {
  const desk = useDesk();
  const me = desk.me.value;
  if (me === null) return null;
  return (
    <div class="me">
      <Avatar id={me.id} name={me.name} />
      <div class="me-words">
        <p class="me-name">
          <bdi>{me.name}</bdi>
        </p>
        <div class="me-presence">
          <PresenceMark presence={me.presence} isNamed />
          <select
            class="presence-select"
            aria-label={texts.presence.label}
            value={me.presence}
            onChange={(event) => {
              const wanted = presences.find((presence) => presence === event.currentTarget.value);
              if (wanted !== undefined) void setPresence(desk, wanted);
            }}
          >
            {presences.map((presence) => (
              <option key={presence} value={presence}>
                {texts.presence[presence]}
              </option>
            ))}
          </select>
        </div>
      </div>
    </div>
  );
}

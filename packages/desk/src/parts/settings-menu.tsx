import { useState } from 'preact/hooks';
import { sentenceOf } from '../models/problems.ts';
import type { Settings } from '../models/settings.ts';
import { texts } from '../texts.ts';
import { useDesk } from './desk-context.ts';
import { Popover } from './popover.tsx';

const themes: readonly Settings['theme'][] = ['system', 'light', 'dark'];
const words = texts.menu;

/** What an agent sets for this browser. */
export function SettingsMenu() {
  const { settings, screen, session, alerts, around } = useDesk();
  const now = settings.settings.value;
  return (
    <Popover icon="settings" label={words.button}>
      <fieldset class="choice">
        <legend>{words.theme}</legend>
        <div class="segments">
          {themes.map((theme) => (
            <label key={theme} class="segment">
              <input
                type="radio"
                name="theme"
                checked={now.theme === theme}
                onChange={() => settings.change({ theme })}
              />
              <span>{words.themes[theme]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Toggle name="compact" label={words.density} />
      <Toggle name="sound" label={words.sound}>
        <button type="button" class="link" onClick={() => around.playTone()}>
          {words.soundTest}
        </button>
      </Toggle>
      <NotificationToggle />
      <Toggle name="enterSends" label={words.enterSends} hint={words.enterSendsHint(around.isMac ? '⌘' : 'Ctrl')} />
      <Toggle name="singleKeys" label={words.singleKeys} />
      <div class="menu-ways">
        <button type="button" class="button quiet" onClick={() => screen.open('keys')}>
          {words.shortcuts}
        </button>
        <button
          type="button"
          class="button quiet"
          onClick={() => void session.signOut().catch((error: unknown) => alerts.toast(sentenceOf(error)))}
        >
          {texts.signOut}
        </button>
      </div>
    </Popover>
  );
}

type ToggleName = 'compact' | 'sound' | 'enterSends' | 'singleKeys';

function Toggle(props: { name: ToggleName; label: string; hint?: string; children?: preact.ComponentChildren }) {
  const { settings } = useDesk();
  const hint = `hint-${props.name}`;
  return (
    <div class="toggle">
      <label>
        <input
          type="checkbox"
          checked={settings.settings.value[props.name]}
          aria-describedby={props.hint === undefined ? undefined : hint}
          onChange={(event) => settings.change({ [props.name]: event.currentTarget.checked })}
        />
        <span>{props.label}</span>
      </label>
      {props.children}
      {props.hint !== undefined && (
        <p id={hint} class="hint">
          {props.hint}
        </p>
      )}
    </div>
  );
}

/** The browser is asked only when the agent ticks the box. */
function NotificationToggle() {
  const { settings, around } = useDesk();
  const [permission, setPermission] = useState(around.notifications.permission());
  const isOn = settings.settings.value.notifications && permission === 'granted';
  const hint =
    permission === 'denied' ? words.notificationsDenied : permission === 'missing' ? words.notificationsMissing : null;

  async function change(wanted: boolean) {
    if (!wanted) return settings.change({ notifications: false });
    const answer = permission === 'granted' ? permission : await around.notifications.ask();
    setPermission(answer);
    settings.change({ notifications: answer === 'granted' });
  }

  return (
    <div class="toggle">
      <label>
        <input
          type="checkbox"
          checked={isOn}
          disabled={hint !== null}
          aria-describedby={hint === null ? undefined : 'hint-notifications'}
          onChange={(event) => void change(event.currentTarget.checked)}
        />
        <span>{words.notifications}</span>
      </label>
      {hint !== null && (
        <p id="hint-notifications" class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

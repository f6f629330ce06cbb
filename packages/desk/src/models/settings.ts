import { signal } from '@preact/signals';
import type { KeyValue } from '../surroundings/surroundings.ts';

/** What an agent chose for this browser. */
export interface Settings {
  theme: 'system' | 'light' | 'dark';
  compact: boolean;
  sound: boolean;
  /** Only ever true after the agent asked for it and the browser agreed. */
  notifications: boolean;
  enterSends: boolean;
  /** Single-key shortcuts can be turned off: people who speak to their computer would trigger them (WCAG 2.1.4). */
  singleKeys: boolean;
  /** The details pane on wide screens. */
  details: boolean;
}

const defaults: Settings = {
  theme: 'system',
  compact: false,
  sound: true,
  notifications: false,
  enterSends: true,
  singleKeys: true,
  details: true,
};
const key = 'sveiki.desk.settings';
const themes: readonly unknown[] = ['system', 'light', 'dark'];

/** Takes over what has the right type; an older or newer desk may have written something else. */
function readSettings(stored: string | null): Settings {
  const settings: Record<string, unknown> = { ...defaults };
  try {
    const found: unknown = JSON.parse(stored ?? '{}');
    if (typeof found === 'object' && found !== null) {
      for (const [name, value] of Object.entries(found)) {
        if (name in defaults && typeof value === typeof settings[name]) settings[name] = value;
      }
    }
  } catch {
    // Not ours to repair: the next change writes it anew.
  }
  if (!themes.includes(settings['theme'])) settings['theme'] = defaults.theme;
  return settings as unknown as Settings;
}

export function createSettings(storage: KeyValue) {
  const settings = signal(readSettings(storage.get(key)));
  return {
    settings,
    change(part: Partial<Settings>) {
      settings.value = { ...settings.value, ...part };
      storage.set(key, JSON.stringify(settings.value));
    },
  };
}
export type SettingsModel = ReturnType<typeof createSettings>;

import type { Plural } from '../locales/catalogue.ts';

const minute = 60_000;
const hour = 60 * minute;

/** How this language writes numbers, times and durations. */
export interface Formats {
  /** A time of day. */
  clock(at: number): string;
  /** A day without its time. */
  day(at: number): string;
  /** A day of the coming week, with its time. */
  dayTime(at: number): string;
  /** Up to an hour "5 minutes ago", then the time of day. */
  ago(at: number, now: number): string;
  /** A length of time in one rounded unit; empty while there is no word for it. */
  duration(ms: number): string;
  /** The form for a number, filled in. */
  plural(count: number, forms: Partial<Plural>): string;
}

const turns = /[\u202a-\u202e\u2066-\u2069]/g;
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufefc]/;

/** A name without the marks that would turn the direction of what stands around it. */
export const bare = (name: string): string => name.replace(turns, '');

/** Puts values in the places of `{0}`, `{1}`. Where directions may mix each value keeps its own, and the sentence its. */
export const fill = (text: string, ...values: string[]): string =>
  text.replace(/\{(\d)\}/g, (_, index) => {
    const value = bare(values[index] ?? '');
    return rightToLeft.test(text + value) ? `\u2068${value}\u2069` : value;
  });

/** Starting up `Intl` takes longer than drawing the panel, so the panel opens with this and gets better words in the next idle moment. */
export const plainFormats: Formats = {
  clock(at) {
    const date = new Date(at);
    return `${date.getHours()}:${`${date.getMinutes()}`.padStart(2, '0')}`;
  },
  day(at) {
    const date = new Date(at);
    return `${date.getDate()}.${date.getMonth() + 1}.`;
  },
  dayTime: (at) => `${plainFormats.day(at)} ${plainFormats.clock(at)}`,
  ago: (at) => plainFormats.clock(at),
  duration: () => '',
  plural: (count, forms) => fill(forms.other ?? '', `${count}`),
};

export function createFormats(tag: string): Formats {
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(tag, options);
    return (at: number) => format.format(at);
  };
  const count = new Intl.NumberFormat(tag);
  const rules = new Intl.PluralRules(tag);
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style: 'short' });
  const clock = dates({ hour: 'numeric', minute: '2-digit' });
  return {
    clock,
    day: dates({ weekday: 'long', day: 'numeric', month: 'long' }),
    dayTime: dates({ weekday: 'long', hour: 'numeric', minute: '2-digit' }),
    ago(at, now) {
      const minutes = Math.round((now - at) / minute);
      if (minutes > 59) return clock(at);
      return minutes < 1 ? relative.format(0, 'second') : relative.format(-minutes, 'minute');
    },
    duration(ms) {
      const [unit, size] = ms < hour ? ['minute', minute] : ms < 24 * hour ? ['hour', hour] : ['day', 24 * hour];
      return new Intl.NumberFormat(tag, {
        style: 'unit',
        unit,
        unitDisplay: 'long',
      } as Intl.NumberFormatOptions).format(Math.max(1, Math.round(ms / (size as number))));
    },
    plural: (value, forms) => fill(forms[rules.select(value)] ?? forms.other ?? '', count.format(value)),
  };
}

/** Whether two instants are on one day of the visitor's calendar. */
export const isSameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

import type { Catalogue } from './catalogue.ts';

export const catalogue = {
  open: 'Atvērt tērzēšanu',
  closeChat: 'Aizvērt tērzēšanu',
  close: 'Aizvērt',
  chat: 'Tērzēšana',
  messages: 'Ziņas',
  message: 'Ziņa',
  placeholder: 'Rakstiet ziņu',
  send: 'Sūtīt',
  you: 'Jūs',
  bot: '{0} · bots',
  greeting: 'Labdien. Kā varam palīdzēt?',
  topics: 'Biežākie jautājumi',

  usualReply: 'Parastais atbildes laiks: {0}',
  online: 'Esam šeit',
  away: 'Šobrīd neesam uz vietas. Rakstiet, un mēs atbildēsim šeit.',
  opens: 'Atvērsim plkst. {0} pēc jūsu laika',
  opensOn: 'Atvērsim: {0} pēc jūsu laika',
  closed: 'Šobrīd nestrādājam. Rakstiet, un mēs atbildēsim šeit.',

  next: 'Pirms jums neviena nav',
  ahead: {
    zero: 'Pirms jums ir {0} cilvēku',
    one: 'Pirms jums ir {0} cilvēks',
    other: 'Pirms jums ir {0} cilvēki',
  },
  wait: '{0}, jāgaida apmēram {1}',

  typing: '{0} raksta',
  typingSeveral: '{0} raksta',

  sending: 'Sūta',
  sent: 'Nosūtīta',
  delivered: 'Piegādāta',
  read: 'Izlasīta',
  notSent: 'Nav nosūtīta.',
  retry: 'Mēģināt vēlreiz',
  discard: 'Dzēst',

  joined: '{0} pievienojās sarunai',
  returned: '{0} ir atpakaļ',
  queued: 'Jūs atkal esat rindā',
  asked: 'Mums ir jums jautājums',
  reopened: 'Saruna ir atsākta',
  resolved: 'Saruna ir pabeigta',
  resolvedHint: 'Ja vajadzīga palīdzība, rakstiet vēlreiz.',

  unread: {
    zero: '{0} nelasītu ziņu',
    one: '{0} nelasīta ziņa',
    other: '{0} nelasītas ziņas',
  },
  newMessages: {
    zero: '{0} jaunu ziņu',
    one: '{0} jauna ziņa',
    other: '{0} jaunas ziņas',
  },
  earlier: 'Agrākas ziņas',
  loading: 'Ielādē',
  today: 'Šodien',
  yesterday: 'Vakar',

  connecting: 'Savienojas',
  reconnecting: 'Savienojums zudis. Mēģinām vēlreiz.',
  offline: 'Nav interneta savienojuma. Ziņa tiks nosūtīta, kad tas atjaunosies.',
  connected: 'Savienojums ir atjaunots.',

  tooLarge: 'Ziņa ir pārāk gara. Sūtiet to pa daļām.',
  notShown: 'Šo ziņu nevar parādīt.',
  refused: 'Tērzēšana šai lapai nav iestatīta.',
  signIn: 'Lai rakstītu, pierakstieties vietnē.',
  outdated: 'Lai rakstītu, pārlādējiet lapu.',
} satisfies Catalogue<'zero' | 'one' | 'other'>;

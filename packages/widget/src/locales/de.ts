import type { Catalogue } from './catalogue.ts';

export const catalogue = {
  open: 'Chat öffnen',
  closeChat: 'Chat schließen',
  close: 'Schließen',
  chat: 'Chat',
  messages: 'Nachrichten',
  message: 'Nachricht',
  placeholder: 'Nachricht schreiben',
  send: 'Senden',
  you: 'Sie',
  bot: '{0} · Bot',
  greeting: 'Guten Tag. Wie können wir Ihnen helfen?',
  topics: 'Häufige Fragen',

  usualReply: 'Antwortet meist in {0}',
  online: 'Wir sind da',
  away: 'Gerade ist niemand da. Schreiben Sie uns, wir antworten hier.',
  opens: 'Ab {0} Ihrer Zeit geöffnet',
  opensOn: 'Wieder geöffnet: {0} Ihrer Zeit',
  closed: 'Wir haben geschlossen. Schreiben Sie uns, wir antworten hier.',

  next: 'Sie sind als Nächstes an der Reihe',
  ahead: { one: '{0} Person ist vor Ihnen', other: '{0} Personen sind vor Ihnen' },
  wait: '{0}, etwa {1}',

  typing: '{0} schreibt',
  typingSeveral: '{0} schreiben',

  sending: 'Wird gesendet',
  sent: 'Gesendet',
  delivered: 'Zugestellt',
  read: 'Gelesen',
  notSent: 'Nicht gesendet.',
  retry: 'Erneut versuchen',
  discard: 'Verwerfen',

  joined: '{0} ist jetzt im Chat',
  returned: '{0} ist wieder da',
  queued: 'Sie sind wieder in der Warteschlange',
  asked: 'Wir haben eine Frage an Sie',
  reopened: 'Die Unterhaltung wurde wieder geöffnet',
  resolved: 'Die Unterhaltung wurde abgeschlossen',
  resolvedHint: 'Schreiben Sie wieder, wenn Sie uns brauchen.',

  unread: { one: '{0} ungelesene Nachricht', other: '{0} ungelesene Nachrichten' },
  newMessages: { one: '{0} neue Nachricht', other: '{0} neue Nachrichten' },
  earlier: 'Frühere Nachrichten',
  loading: 'Wird geladen',
  today: 'Heute',
  yesterday: 'Gestern',

  connecting: 'Verbindung wird hergestellt',
  reconnecting: 'Die Verbindung ist unterbrochen. Neuer Versuch läuft.',
  offline: 'Sie sind offline. Ihre Nachricht geht hinaus, sobald Sie wieder verbunden sind.',
  connected: 'Sie sind wieder verbunden.',

  tooLarge: 'Diese Nachricht ist zu lang. Senden Sie sie in Teilen.',
  notShown: 'Diese Nachricht lässt sich nicht anzeigen.',
  refused: 'Dieser Chat ist für diese Seite nicht eingerichtet.',
  signIn: 'Melden Sie sich auf dieser Website an, um zu chatten.',
  outdated: 'Laden Sie die Seite neu, um zu chatten.',
} satisfies Catalogue<'one' | 'other'>;

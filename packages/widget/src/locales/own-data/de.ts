import type { OwnWords } from './own-words.ts';

export const ownData: OwnWords = {
  hint: 'Was hier über Sie gespeichert ist, können Sie bekommen und löschen lassen.',
  download: 'Meine Daten herunterladen',
  downloaded: 'Ihre Daten sind heruntergeladen.',
  erase: 'Meine Daten löschen',
  eraseHint:
    'Alles, was hier gesagt und gesendet wurde, wird endgültig gelöscht, auf diesem Gerät und bei uns. Das lässt sich nicht rückgängig machen.',
  eraseAll: 'Alles löschen',
  keep: 'Behalten',
  erasing: 'Ihre Daten werden gelöscht.',
  nothingKept: 'Über Sie ist nichts gespeichert.',
  failed: 'Das hat nicht geklappt. Versuchen Sie es später noch einmal.',
};

import type { FileWords } from './file-words.ts';

export const files: FileWords = {
  attach: 'Dateien anhängen',
  list: 'Zu sendende Dateien',
  added: '{0} ist angehängt.',
  remove: '{0} entfernen',
  progress: 'Hochladen von {0}',
  ready: '{0} kann gesendet werden.',
  drop: 'Dateien hier ablegen, um sie zu senden',
  retry: 'Erneut versuchen',
  picture: 'Bild {0}',
  download: '{0} herunterladen',
  tooMany: 'Höchstens {0} Dateien passen in eine Nachricht.',
  problems: {
    'too-large': 'Diese Datei ist größer als {0}. Wählen Sie eine kleinere.',
    'bad-file': 'Dateien dieser Art werden hier nicht angenommen. Bilder, PDF, Text und Office-Dateien schon.',
    'files-full': 'In diesem Gespräch ist kein Platz für weitere Dateien.',
    'no-such-file': 'Die Datei ist nicht mehr da. Wählen Sie sie noch einmal.',
    other: 'Die Datei wurde nicht hochgeladen.',
  },
};

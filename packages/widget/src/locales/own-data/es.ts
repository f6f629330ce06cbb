import type { OwnWords } from './own-words.ts';

export const ownData: OwnWords = {
  hint: 'Lo que se guarda aquí sobre usted puede obtenerlo y borrarlo.',
  download: 'Descargar mis datos',
  downloaded: 'Sus datos se han descargado.',
  erase: 'Borrar mis datos',
  eraseHint:
    'Todo lo que se dijo y envió aquí se borra para siempre, en este dispositivo y en nuestro servicio. No se puede deshacer.',
  eraseAll: 'Borrar todo',
  keep: 'Conservar',
  erasing: 'Sus datos se están borrando.',
  nothingKept: 'No se guarda nada sobre usted.',
  failed: 'No ha funcionado. Inténtelo más tarde.',
};

import type { FileWords } from './file-words.ts';

export const files: FileWords = {
  attach: 'Adjuntar archivos',
  list: 'Archivos para enviar',
  added: '{0} se ha añadido.',
  remove: 'Quitar {0}',
  progress: 'Subida de {0}',
  ready: '{0} está listo para enviarse.',
  drop: 'Suelte aquí los archivos para enviarlos',
  retry: 'Reintentar',
  picture: 'Imagen {0}',
  download: 'Descargar {0}',
  tooMany: 'Caben como máximo {0} archivos en un mensaje.',
  problems: {
    'too-large': 'Este archivo supera los {0}. Elija uno más pequeño.',
    'bad-file': 'Aquí no se aceptan archivos de este tipo. Sí imágenes, PDF, texto y documentos.',
    'files-full': 'En esta conversación no queda sitio para más archivos.',
    'no-such-file': 'El archivo ya no está. Elíjalo de nuevo.',
    other: 'El archivo no se ha subido.',
  },
};

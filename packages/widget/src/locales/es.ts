import type { Catalogue } from './catalogue.ts';

export const catalogue = {
  open: 'Abrir el chat',
  closeChat: 'Cerrar el chat',
  close: 'Cerrar',
  chat: 'Chat',
  messages: 'Mensajes',
  message: 'Mensaje',
  placeholder: 'Escriba un mensaje',
  send: 'Enviar',
  you: 'Usted',
  bot: '{0} · bot',
  greeting: 'Hola. ¿En qué podemos ayudarle?',
  topics: 'Preguntas frecuentes',

  usualReply: 'Suele responder en {0}',
  online: 'Estamos aquí',
  away: 'Ahora no estamos. Escriba y le responderemos aquí.',
  opens: 'Abrimos a las {0}, hora de su zona',
  opensOn: 'Abrimos el {0}, hora de su zona',
  closed: 'Hemos cerrado. Escriba y le responderemos aquí.',

  next: 'Usted es el siguiente turno',
  ahead: {
    one: 'Hay {0} persona antes que usted',
    many: 'Hay {0} de personas antes que usted',
    other: 'Hay {0} personas antes que usted',
  },
  wait: '{0}, unos {1}',

  typing: '{0} está escribiendo',
  typingSeveral: '{0} están escribiendo',

  sending: 'Enviando',
  sent: 'Enviado',
  delivered: 'Entregado',
  read: 'Leído',
  notSent: 'No se ha enviado.',
  retry: 'Reintentar',
  discard: 'Descartar',

  joined: '{0} está ahora en el chat',
  returned: '{0} está de vuelta',
  queued: 'Usted está de nuevo en la cola',
  asked: 'Tenemos una pregunta para usted',
  reopened: 'La conversación se ha reabierto',
  resolved: 'La conversación se ha resuelto',
  resolvedHint: 'Escriba de nuevo cuando nos necesite.',

  unread: {
    one: '{0} mensaje sin leer',
    many: '{0} de mensajes sin leer',
    other: '{0} mensajes sin leer',
  },
  newMessages: {
    one: '{0} mensaje nuevo',
    many: '{0} de mensajes nuevos',
    other: '{0} mensajes nuevos',
  },
  earlier: 'Mensajes anteriores',
  loading: 'Cargando',
  today: 'Hoy',
  yesterday: 'Ayer',

  connecting: 'Conectando',
  reconnecting: 'Se ha perdido la conexión. Lo intentamos de nuevo.',
  offline: 'No tiene conexión. Su mensaje saldrá cuando la recupere.',
  connected: 'Vuelve a tener conexión.',

  tooLarge: 'Este mensaje es demasiado largo. Envíelo por partes.',
  notShown: 'Este mensaje no se puede mostrar.',
  refused: 'Este chat no está configurado para esta página.',
  signIn: 'Inicie sesión en este sitio para chatear.',
  outdated: 'Vuelva a cargar la página para chatear.',
} satisfies Catalogue<'one' | 'many' | 'other'>;

import { ada, ben, note, pass, type Story, take, visitor, visitorShows } from './story.ts';

/** What is going on when the demo starts for the first time: some wait in the queue, some are being answered. */
export const NOW: Story[] = [
  {
    visitor: {
      name: 'Eva Horváth',
      locale: 'en',
      timeZone: 'Europe/Budapest',
      known: { email: 'eva.horvath@example.com', customer: 'C-10620' },
    },
    page: 'cardigan.html',
    began: { minutesAgo: 34 },
    steps: [
      visitor(0, 'Hello, I ordered the Kolka in M on Monday. Can I still change it to L? AW-21079'),
      take('ada', 3),
      ada(2, 'Hello Eva. Let me see whether it has left the workshop.'),
      ada(4, 'It is packed but not collected yet. I asked the warehouse to swap it, they answer within the hour.'),
      note('ada', 1, 'Asked Raimonds in the warehouse at the packing table. If it is gone, offer the free exchange.'),
      visitor(2, 'Great, I am around all day.'),
      visitor(14, 'Any news?'),
    ],
    readByOwner: 5,
  },
  {
    visitor: { name: 'Павел Орлов', locale: 'ru', timeZone: 'Europe/Riga' },
    page: 'contact.html',
    began: { minutesAgo: 27 },
    steps: [
      visitor(0, 'Добрый день. Хочу вернуть кардиган, ярлык срезан. Это возможно?'),
      take('ben', 4),
      ben(2, 'Добрый день, Павел! Если он не ношен, то да. Когда вы его получили?'),
      visitor(3, 'Восемь дней назад. Только примерил.'),
      ben(2, 'Тогда всё в порядке. Пришлите, пожалуйста, номер заказа, и я подготовлю код для пакомата.'),
    ],
  },
  {
    visitor: {
      name: 'Zane Kalēja',
      locale: 'lv',
      timeZone: 'Europe/Riga',
      known: { email: 'zane.kaleja@example.com', customer: 'C-10144' },
    },
    page: 'index.html',
    began: { minutesAgo: 19 },
    steps: [
      visitor(0, 'Labdien! Sūtījumā AW-21058 trūkst viena zeķu pāra. Samaksāju par trim, ir divi.'),
      take('ada', 3),
      ada(2, 'Labdien, Zane! Ļoti atvainojos. Nododu kolēģiem, kas kārto pasūtījumus, viņi atsūtīs trūkstošo pāri.'),
      pass(
        'ada',
        1,
        { team: 'orders' },
        'Trūkst **1 pāris Vidzeme zeķu** (pelēkas, 38-40). Lūdzu nosūtīt šodien, viņai rīt jābrauc prom.',
      ),
    ],
  },
  {
    visitor: { name: 'Noah Bergström', locale: 'en', timeZone: 'Europe/Stockholm' },
    page: 'cardigan.html',
    began: { minutesAgo: 11 },
    steps: [
      visitor(0, 'Hi! Is the Kolka warm enough for a Swedish winter without a jacket?'),
      visitor(1, 'Around -5 most days, by bike.'),
      visitorShows(
        2,
        'And could the workshop knit this border into the sleeves? It is my grandmother’s, from 1962.',
        'border-chart.png',
      ),
    ],
  },
  {
    visitor: { name: 'Miriam Castaño', locale: 'es', timeZone: 'Europe/Madrid' },
    page: 'index.html',
    began: { minutesAgo: 6 },
    steps: [
      visitor(
        0,
        'Hola, quiero regalar el colgante Saulkrasti. ¿Lo envuelven para regalo y pueden escribir una tarjeta?',
      ),
    ],
  },
  {
    visitor: { name: null, locale: 'de', timeZone: 'Europe/Zurich' },
    page: 'contact.html',
    began: { minutesAgo: 2 },
    steps: [visitor(0, 'Guten Tag, wo finde ich die Rechnung zu meiner Bestellung?')],
  },
];

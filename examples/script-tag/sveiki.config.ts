import { faqBot } from '@sveiki/sdk/bots';
import { defineConfig, defineHook } from '@sveiki/sdk/config';

/** The relay of Amber & Wool, the shop of the demo: `sveiki demo` runs it, and every section of a configuration has its place here. */

const port = Number(process.env['PORT'] || 4310);
const origins = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];

/** Days on which the shop keeps other hours. */
function holidays(year: number): Record<string, [string, string][]> {
  return {
    [`${year}-01-01`]: [],
    [`${year}-06-23`]: [],
    [`${year}-06-24`]: [],
    [`${year}-11-18`]: [],
    [`${year}-12-24`]: [['10:00', '14:00']],
    [`${year}-12-25`]: [],
    [`${year}-12-26`]: [],
    [`${year}-12-31`]: [['10:00', '15:00']],
  };
}
const year = new Date().getFullYear();
const weekday: [string, string][] = [['08:00', '20:00']];

export default defineConfig({
  port,
  publicUrl: `http://127.0.0.1:${port}`,
  dataDir: '.sveiki',
  logLevel: 'warn',

  sites: [
    {
      key: 'pk_amber_and_wool',
      name: 'Amber & Wool',
      origins,
      team: 'support',
      schedule: 'shop',
      topics: ['Where is my order?', 'Which size fits me?', 'How do I return something?'],
    },
    // The contact page: who writes says what it is about first, and the bot answers what it can.
    {
      key: 'pk_amber_and_wool_help',
      name: 'Amber & Wool',
      origins,
      team: 'support',
      schedule: 'shop',
      bot: 'helper',
      preChat: 'about',
      offline: 'leave-message',
    },
  ],

  schedules: {
    shop: {
      timeZone: 'Europe/Riga',
      week: {
        1: weekday,
        2: weekday,
        3: weekday,
        4: weekday,
        5: weekday,
        6: [['10:00', '18:00']],
        7: [['11:00', '16:00']],
      },
      dates: { ...holidays(year - 1), ...holidays(year), ...holidays(year + 1) },
    },
    workshop: {
      timeZone: 'Europe/Riga',
      week: {
        1: [
          ['09:00', '13:00'],
          ['14:00', '17:00'],
        ],
        3: [['09:00', '13:00']],
        5: [['09:00', '13:00']],
      },
    },
  },

  skills: ['knitwear', 'amber', 'invoices'],
  teams: [
    // People choose for themselves; the longest wait stands on top.
    { id: 'support', name: 'Support', strategy: 'manual', schedule: 'shop' },
    { id: 'orders', name: 'Orders', strategy: 'manual', schedule: 'shop', sticky: { maxWaitMs: 120_000 } },
    {
      id: 'returns',
      name: 'Returns',
      strategy: 'least-loaded',
      schedule: 'shop',
      mode: 'offer',
      offerMs: 45_000,
      language: 'preferred',
      peak: { waiting: 6, extra: 1 },
    },
    {
      id: 'workshop',
      name: 'Workshop',
      strategy: 'skill-match',
      schedule: 'workshop',
      skills: [{ skill: 'knitwear', level: 3, required: false }],
      relax: [{ afterMs: 120_000, drop: ['language'] }],
      overflow: { team: 'support', afterMs: 300_000 },
    },
  ],
  agents: [
    {
      id: 'ada',
      teams: ['support', 'orders'],
      capacity: 6,
      skills: { knitwear: 4, invoices: 3, 'language:lv': 5, 'language:en': 4, 'language:ru': 3 },
    },
    {
      id: 'ben',
      teams: ['support', 'returns'],
      capacity: 6,
      skills: { amber: 4, 'language:lv': 5, 'language:en': 5, 'language:ru': 5, 'language:de': 3 },
    },
    {
      id: 'cleo',
      teams: ['support', 'orders', 'returns', 'workshop'],
      capacity: 4,
      skills: { knitwear: 5, amber: 5, invoices: 5, 'language:lv': 5, 'language:en': 5, 'language:de': 4 },
    },
    { id: 'dace', teams: [], capacity: 1 },
  ],
  routing: {
    rules: [
      {
        when: { words: ['complaint', 'sūdzība', 'жалоба', 'Beschwerde', 'queja'] },
        decide: { to: 'queue', id: 'support', priority: 5, reason: 'A complaint goes first' },
      },
    ],
    // Returns have people of their own; everything else stays where the site puts it.
    route: ({ conversation }) =>
      /\b(return|refund|exchange)|atgriez|возврат|вернуть|zurückgeb|Rückgabe|devol/i.test(conversation.text)
        ? { to: 'queue', id: 'returns', reason: 'Asks about a return' }
        : { to: 'default' },
    fallback: { to: 'default' },
    weights: [{ when: { language: ['de', 'es'] }, weight: 1.5 }],
  },

  forms: [
    {
      id: 'about',
      purpose: 'pre-chat',
      title: {
        en: 'Before we begin',
        lv: 'Pirms sākam',
        ru: 'Прежде чем начать',
        de: 'Bevor wir beginnen',
        es: 'Antes de empezar',
        ar: 'قبل أن نبدأ',
      },
      fields: [
        {
          kind: 'select',
          id: 'topic',
          label: {
            en: 'What is it about?',
            lv: 'Par ko ir jautājums?',
            ru: 'О чём вопрос?',
            de: 'Worum geht es?',
            es: '¿De qué se trata?',
            ar: 'ما الموضوع؟',
          },
          required: true,
          options: [
            {
              value: 'order',
              label: {
                en: 'An order',
                lv: 'Pasūtījums',
                ru: 'Заказ',
                de: 'Eine Bestellung',
                es: 'Un pedido',
                ar: 'طلب',
              },
            },
            {
              value: 'return',
              label: {
                en: 'A return',
                lv: 'Atgriešana',
                ru: 'Возврат',
                de: 'Eine Rückgabe',
                es: 'Una devolución',
                ar: 'إرجاع',
              },
            },
            {
              value: 'product',
              label: { en: 'A product', lv: 'Prece', ru: 'Товар', de: 'Ein Produkt', es: 'Un producto', ar: 'منتج' },
            },
            {
              value: 'other',
              label: {
                en: 'Something else',
                lv: 'Kas cits',
                ru: 'Другое',
                de: 'Etwas anderes',
                es: 'Otra cosa',
                ar: 'شيء آخر',
              },
            },
          ],
        },
        {
          kind: 'text',
          id: 'order',
          label: {
            en: 'Order number',
            lv: 'Pasūtījuma numurs',
            ru: 'Номер заказа',
            de: 'Bestellnummer',
            es: 'Número de pedido',
            ar: 'رقم الطلب',
          },
          help: {
            en: 'It begins with AW and is in the confirmation.',
            lv: 'Tas sākas ar AW un ir apstiprinājumā.',
            ru: 'Начинается с AW и есть в подтверждении.',
            de: 'Sie beginnt mit AW und steht in der Bestätigung.',
            es: 'Empieza por AW y está en la confirmación.',
            ar: 'يبدأ بـ AW وتجده في رسالة التأكيد.',
          },
          pattern: 'AW-#+',
          when: { field: 'topic', op: 'one-of', value: ['order', 'return'] },
        },
      ],
    },
    {
      id: 'leave-message',
      purpose: 'offline',
      title: {
        en: 'Leave us a message',
        lv: 'Atstājiet mums ziņu',
        ru: 'Оставьте нам сообщение',
        de: 'Hinterlassen Sie uns eine Nachricht',
        es: 'Déjenos un mensaje',
        ar: 'اترك لنا رسالة',
      },
      fields: [
        {
          kind: 'name',
          id: 'name',
          label: { en: 'Name', lv: 'Vārds', ru: 'Имя', de: 'Name', es: 'Nombre', ar: 'الاسم' },
          prefill: 'visitor.name',
        },
        {
          kind: 'email',
          id: 'email',
          label: {
            en: 'E-mail',
            lv: 'E-pasts',
            ru: 'Эл. почта',
            de: 'E-Mail',
            es: 'Correo electrónico',
            ar: 'البريد الإلكتروني',
          },
          required: true,
          prefill: 'visitor.email',
        },
      ],
    },
    {
      id: 'return-feedback',
      purpose: 'post-chat',
      title: {
        en: 'Your return',
        lv: 'Jūsu atgriešana',
        ru: 'Ваш возврат',
        de: 'Ihre Rückgabe',
        es: 'Su devolución',
        ar: 'إرجاعك',
      },
      fields: [
        {
          kind: 'rating',
          id: 'ease',
          scale: 'ces',
          label: {
            en: 'It was easy to return something.',
            lv: 'Atgriezt preci bija viegli.',
            ru: 'Вернуть товар было легко.',
            de: 'Die Rückgabe war einfach.',
            es: 'Devolver fue fácil.',
            ar: 'كان الإرجاع سهلاً.',
          },
          required: true,
        },
        {
          kind: 'multi-select',
          id: 'hard',
          label: {
            en: 'What was hard?',
            lv: 'Kas bija grūti?',
            ru: 'Что было трудно?',
            de: 'Was war schwierig?',
            es: '¿Qué fue difícil?',
            ar: 'ما الذي كان صعبًا؟',
          },
          when: { field: 'ease', op: 'at-most', value: 4 },
          options: [
            {
              value: 'rules',
              label: {
                en: 'The rules',
                lv: 'Noteikumi',
                ru: 'Правила',
                de: 'Die Regeln',
                es: 'Las reglas',
                ar: 'القواعد',
              },
            },
            {
              value: 'locker',
              label: {
                en: 'The pick-up locker',
                lv: 'Pakomāts',
                ru: 'Пакомат',
                de: 'Die Packstation',
                es: 'La taquilla',
                ar: 'خزانة الطرود',
              },
            },
            {
              value: 'refund',
              label: {
                en: 'The wait for the refund',
                lv: 'Naudas atmaksas gaidīšana',
                ru: 'Ожидание возврата денег',
                de: 'Das Warten auf die Erstattung',
                es: 'La espera del reembolso',
                ar: 'انتظار استرداد المال',
              },
            },
          ],
        },
        {
          kind: 'textarea',
          id: 'more',
          label: {
            en: 'Anything else?',
            lv: 'Vēl kaut kas?',
            ru: 'Что-нибудь ещё?',
            de: 'Sonst noch etwas?',
            es: '¿Algo más?',
            ar: 'هل من شيء آخر؟',
          },
        },
      ],
    },
  ],
  surveys: [
    { id: 'returns', kind: 'custom', form: 'return-feedback', when: { on: 'resolve', teams: ['returns'] } },
    { id: 'satisfaction', kind: 'csat', when: { on: 'resolve', teams: ['support', 'orders'] } },
    { id: 'recommend', kind: 'nps', when: { on: 'resolve', sample: 0.2, teams: ['workshop'] } },
  ],

  cannedReplies: [
    {
      id: 'hi',
      shortcut: 'hi',
      title: 'Greeting',
      body: {
        en: 'Hello {{visitor.name|there}}, this is {{agent.name}} of Amber & Wool. How can I help?',
        lv: 'Labdien! Es esmu {{agent.name}} no Amber & Wool. Kā varu palīdzēt?',
        ru: 'Здравствуйте! Это {{agent.name}} из Amber & Wool. Чем помочь?',
        de: 'Guten Tag, hier ist {{agent.name}} von Amber & Wool. Wie kann ich helfen?',
      },
      tags: ['small talk'],
    },
    {
      id: 'number',
      shortcut: 'number',
      title: 'Ask for the order number',
      body: {
        en: 'Could you give me your order number? It begins with AW and is in the confirmation we sent you.',
        lv: 'Vai varat nosaukt pasūtījuma numuru? Tas sākas ar AW un ir mūsu atsūtītajā apstiprinājumā.',
        ru: 'Подскажите, пожалуйста, номер заказа? Он начинается с AW и есть в нашем подтверждении.',
      },
      tags: ['orders'],
    },
    {
      id: 'look',
      shortcut: 'look',
      title: 'Looking it up',
      body: {
        en: 'Thank you. I am looking it up, this takes about two minutes.',
        lv: 'Paldies. Tūlīt paskatīšos, tas prasīs kādas divas minūtes.',
        ru: 'Спасибо. Смотрю, это займёт минуты две.',
      },
    },
    {
      id: 'late',
      shortcut: 'late',
      title: 'Parcel is late',
      body: {
        en: 'I am sorry, {{visitor.name|hello}}: your parcel for order {{order}} is late. It should arrive by **{{ask:new day}}**.',
        lv: 'Atvainojiet, sūtījums pasūtījumam {{order}} kavējas. Tam jāpienāk līdz **{{ask:new day}}**.',
      },
      variables: [{ name: 'order', ask: 'Order number' }],
      tags: ['orders', 'delivery'],
    },
    {
      id: 'ship-lv',
      shortcut: 'ship-lv',
      title: 'Delivery in Latvia',
      body: {
        en: 'In Latvia a parcel takes **1-2 working days**. Pick-up lockers cost 2.90 €, a courier 4.90 €, and from 60 € it is free.',
        lv: 'Latvijā sūtījums ceļo **1-2 darba dienas**. Pakomāts maksā 2,90 €, kurjers 4,90 €, no 60 € piegāde ir bez maksas.',
        ru: 'По Латвии посылка идёт **1-2 рабочих дня**. Пакомат стоит 2,90 €, курьер 4,90 €, от 60 € бесплатно.',
      },
      tags: ['delivery'],
    },
    {
      id: 'ship-eu',
      shortcut: 'ship-eu',
      title: 'Delivery in the EU',
      body: {
        en: 'Inside the EU a parcel takes **3-6 working days** and costs 9.90 €. From 120 € it is free.',
        de: 'Innerhalb der EU braucht ein Paket **3-6 Werktage** und kostet 9,90 €. Ab 120 € ist der Versand frei.',
      },
      tags: ['delivery'],
    },
    {
      id: 'return',
      shortcut: 'return',
      title: 'How to return',
      body: {
        en: 'You can return anything unworn within **30 days**:\n\n1. Put it back into its box with the slip that came with it.\n2. Hand it in at any pick-up locker with the code in your confirmation.\n3. We refund it within five working days after it arrives.',
        lv: 'Nenēsātu preci var atgriezt **30 dienu** laikā:\n\n1. Ielieciet to kastē kopā ar lapiņu, kas bija klāt.\n2. Nododiet jebkurā pakomātā ar kodu no apstiprinājuma.\n3. Naudu atmaksājam piecu darba dienu laikā pēc saņemšanas.',
        ru: 'Неношеную вещь можно вернуть в течение **30 дней**:\n\n1. Положите её в коробку вместе с листком, который был внутри.\n2. Сдайте в любой пакомат с кодом из подтверждения.\n3. Деньги вернём в течение пяти рабочих дней после получения.',
      },
      scope: { team: 'returns' },
      owner: 'ben',
      reviewBy: `${year + 1}-01-15`,
      tags: ['returns'],
    },
    {
      id: 'refund',
      shortcut: 'refund',
      title: 'Refund is on its way',
      body: { en: 'Your refund was sent today. Depending on the bank it arrives within 2-5 working days.' },
      scope: { team: 'returns' },
      tags: ['returns'],
    },
    {
      id: 'size',
      shortcut: 'size',
      title: 'Finding the size',
      body: {
        en: 'Our knitwear fits close. Measure a jumper that you like, flat, from armpit to armpit:\n\n- **S** 48 cm\n- **M** 52 cm\n- **L** 56 cm\n- **XL** 61 cm\n\nIf you are between two sizes, take the larger one.',
        lv: 'Mūsu adījumi pieguļ. Izmēriet sev tīkamu džemperi, noliktu plakaniski, no paduses līdz padusei:\n\n- **S** 48 cm\n- **M** 52 cm\n- **L** 56 cm\n- **XL** 61 cm\n\nJa esat starp diviem izmēriem, ņemiet lielāko.',
      },
      tags: ['knitwear'],
    },
    {
      id: 'wash',
      shortcut: 'wash',
      title: 'Care of wool',
      body: {
        en: 'Air it rather than wash it. When it has to be washed: by hand, at most 30 °C, wool soap, no wringing, dried flat on a towel.',
      },
      tags: ['knitwear'],
    },
    {
      id: 'amber',
      shortcut: 'amber',
      title: 'Care of amber',
      body: {
        en: 'Amber is soft. Keep it away from perfume, hairspray and hot water, and wipe it with a soft dry cloth.',
      },
      tags: ['amber'],
    },
    {
      id: 'gift',
      shortcut: 'gift',
      title: 'Gift wrapping',
      body: {
        en: 'We wrap it in linen with a handwritten card, for 3.50 €. Write the words for the card into the note field of the order.',
      },
      tags: ['orders'],
    },
    {
      id: 'bye',
      shortcut: 'bye',
      title: 'Goodbye',
      body: {
        en: 'You are welcome. If anything else comes up, just write here again: it opens the same conversation.',
        lv: 'Lūdzu! Ja vēl kas rodas, rakstiet tepat: atvērsies tā pati saruna.',
        ru: 'Пожалуйста! Если возникнет ещё что-то, пишите сюда же: откроется этот же разговор.',
      },
      tags: ['small talk'],
    },
  ],

  bots: [
    // Answers with the canned replies of people, and gives up what it is not sure of.
    faqBot({
      id: 'helper',
      name: 'Dzintra',
      greeting: {
        en: 'Hello! I am Dzintra, a program. I know delivery, sizes and care; a person is one tap away.',
        lv: 'Labdien! Esmu Dzintra, programma. Zinu par piegādi, izmēriem un kopšanu; cilvēks ir viena pieskāriena attālumā.',
        ru: 'Здравствуйте! Я Дзинтра, программа. Знаю о доставке, размерах и уходе; человека можно позвать одним касанием.',
        de: 'Guten Tag! Ich bin Dzintra, ein Programm. Ich kenne Versand, Größen und Pflege; ein Mensch ist einen Tipp entfernt.',
        es: '¡Hola! Soy Dzintra, un programa. Sé de envíos, tallas y cuidados; una persona está a un toque.',
        ar: 'مرحبًا! أنا دزينترا، برنامج. أعرف عن التوصيل والمقاسات والعناية، ويمكنك طلب شخص بلمسة واحدة.',
      },
    }),
  ],
  handoff: { team: 'support', timeoutMs: 180_000, onFailure: 'queue' },
  // Where a shop's CRM would hear what happened; with an address in the environment it does.
  webhooks:
    process.env['SHOP_WEBHOOK_URL'] === undefined
      ? []
      : [
          {
            url: process.env['SHOP_WEBHOOK_URL'],
            secret: { env: 'SHOP_WEBHOOK_SECRET' },
            events: ['conversation.closed', 'survey.answered'],
          },
        ],
  hooks: {
    events: [
      // What a shop would tell its CRM; here it only shows where that would stand.
      defineHook({ name: 'unhappy-customers', on: ['answered'], run: ({ event }) => void event.body.score }),
    ],
    cannedReplies: {
      // Answers made on the spot: an order number that an agent searches for finds its state.
      run: ({ query }) => {
        const order = /AW-?(\d{4,})/i.exec(query)?.[1];
        if (order === undefined) return [];
        const state = ['packed', 'handed to the courier', 'in the pick-up locker'][Number(order) % 3];
        return [{ id: `order-${order}`, title: `State of AW-${order}`, text: `Order AW-${order} is ${state}.` }];
      },
    },
  },

  wrapUpCodes: [
    { id: 'answered', name: 'Question answered' },
    { id: 'advice', name: 'Product advice' },
    { id: 'order-status', name: 'Order status' },
    { id: 'order-changed', name: 'Order changed' },
    { id: 'delivery', name: 'Delivery problem' },
    { id: 'return', name: 'Return or exchange' },
    { id: 'refund', name: 'Refund' },
    { id: 'complaint', name: 'Complaint' },
    { id: 'no-customer', name: 'Not a customer' },
  ],

  // What people wrote goes after two years, what they sent after half a year; by itself.
  privacy: {
    retention: [
      { what: 'messages', days: 730 },
      { what: 'files', days: 180 },
    ],
  },

  // Nobody is signed in when the demo starts: those who own conversations keep them while somebody looks around.
  agentGraceMs: 10 * 60_000,
  // Every visitor of the demo comes from one address.
  rateFactor: 10,
});

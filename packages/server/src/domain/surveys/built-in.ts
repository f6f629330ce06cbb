import type { FormDefinition, FormTexts } from '@sveiki/protocol';

/**
 * The surveys in the box, in every language of the widget. The relay sends them when they are asked: the widget carries none of these words.
 */

const comment = {
  id: 'comment',
  kind: 'textarea',
  label: {
    en: 'Would you like to tell us more?',
    ru: 'Хотите что-нибудь добавить?',
    lv: 'Vai vēlaties ko piebilst?',
    de: 'Möchten Sie uns mehr dazu sagen?',
    es: '¿Desea añadir algo?',
    ar: 'هل تودّون إضافة شيء؟',
  },
  maxLength: 1_000,
  when: { field: 'score', op: 'answered' },
} as const;

const thanks: FormTexts = {
  en: 'Thank you for your answer.',
  ru: 'Спасибо за ответ.',
  lv: 'Paldies par atbildi.',
  de: 'Danke für Ihre Antwort.',
  es: 'Gracias por su respuesta.',
  ar: 'شكرًا على إجابتكم.',
};

const csat: FormDefinition = {
  id: 'csat',
  purpose: 'post-chat',
  fields: [
    {
      id: 'score',
      kind: 'rating',
      scale: 'csat',
      required: true,
      label: {
        en: 'How satisfied are you with our help?',
        ru: 'Насколько вы довольны нашей помощью?',
        lv: 'Cik apmierināti esat ar mūsu palīdzību?',
        de: 'Wie zufrieden sind Sie mit unserer Hilfe?',
        es: '¿Qué le ha parecido nuestra ayuda?',
        ar: 'ما مدى رضاكم عن مساعدتنا؟',
      },
      points: {
        '1': {
          en: 'Very dissatisfied',
          ru: 'Очень недовольны',
          lv: 'Ļoti neapmierināti',
          de: 'Sehr unzufrieden',
          es: 'Muy mala',
          ar: 'غير راضين إطلاقًا',
        },
        '2': {
          en: 'Dissatisfied',
          ru: 'Недовольны',
          lv: 'Neapmierināti',
          de: 'Unzufrieden',
          es: 'Mala',
          ar: 'غير راضين',
        },
        '3': { en: 'Neutral', ru: 'Нейтрально', lv: 'Neitrāli', de: 'Neutral', es: 'Regular', ar: 'محايدون' },
        '4': { en: 'Satisfied', ru: 'Довольны', lv: 'Apmierināti', de: 'Zufrieden', es: 'Buena', ar: 'راضون' },
        '5': {
          en: 'Very satisfied',
          ru: 'Очень довольны',
          lv: 'Ļoti apmierināti',
          de: 'Sehr zufrieden',
          es: 'Muy buena',
          ar: 'راضون جدًا',
        },
      },
    },
    comment,
  ],
  thanks,
};

const nps: FormDefinition = {
  id: 'nps',
  purpose: 'post-chat',
  fields: [
    {
      id: 'score',
      kind: 'rating',
      scale: 'nps',
      required: true,
      label: {
        en: 'How likely are you to recommend us to a friend or colleague?',
        ru: 'Насколько вероятно, что вы порекомендуете нас другу или коллеге?',
        lv: 'Cik iespējams, ka ieteiksiet mūs draugam vai kolēģim?',
        de: 'Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?',
        es: '¿Con qué probabilidad nos recomendaría a otra persona?',
        ar: 'ما مدى احتمال أن توصوا بنا لصديق أو زميل؟',
      },
      low: {
        en: 'Not at all likely',
        ru: 'Совсем маловероятно',
        lv: 'Nemaz nav iespējams',
        de: 'Sehr unwahrscheinlich',
        es: 'Nada probable',
        ar: 'غير محتمل إطلاقًا',
      },
      high: {
        en: 'Extremely likely',
        ru: 'Очень вероятно',
        lv: 'Ļoti iespējams',
        de: 'Sehr wahrscheinlich',
        es: 'Muy probable',
        ar: 'محتمل جدًا',
      },
    },
    comment,
  ],
  thanks,
};

const ces: FormDefinition = {
  id: 'ces',
  purpose: 'post-chat',
  fields: [
    {
      id: 'score',
      kind: 'rating',
      scale: 'ces',
      required: true,
      label: {
        en: 'You made it easy for me to handle my issue.',
        ru: 'С вашей помощью решить вопрос было легко.',
        lv: 'Ar jūsu palīdzību atrisināt jautājumu bija viegli.',
        de: 'Sie haben es mir leicht gemacht, mein Anliegen zu klären.',
        es: 'Me ha resultado fácil resolver mi consulta con su ayuda.',
        ar: 'لقد سهّلتم عليّ حلّ مشكلتي.',
      },
      help: {
        en: 'How much do you agree?',
        ru: 'Насколько вы с этим согласны?',
        lv: 'Cik lielā mērā piekrītat?',
        de: 'Wie sehr stimmen Sie zu?',
        es: '¿En qué medida está de acuerdo?',
        ar: 'إلى أي مدى توافقون؟',
      },
      low: {
        en: 'Strongly disagree',
        ru: 'Совершенно не согласны',
        lv: 'Pilnīgi nepiekrītu',
        de: 'Stimme überhaupt nicht zu',
        es: 'Totalmente en desacuerdo',
        ar: 'لا أوافق بشدة',
      },
      high: {
        en: 'Strongly agree',
        ru: 'Полностью согласны',
        lv: 'Pilnīgi piekrītu',
        de: 'Stimme voll und ganz zu',
        es: 'Totalmente de acuerdo',
        ar: 'أوافق بشدة',
      },
    },
    comment,
  ],
  thanks,
};

const FORMS = { csat, nps, ces };

/** The form of a survey in the box: `score`, then an optional `comment` once it is given. */
export function builtInForm(kind: 'csat' | 'nps' | 'ces'): FormDefinition {
  return FORMS[kind];
}

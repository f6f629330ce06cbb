/** The few words bots here say by themselves, where nobody gave them others. In the languages of the widget. */
export interface BotTexts {
  /** Above the button that asks for a person, and the button. */
  offer: string;
  person: string;
  /** No answer was found: the visitor may try again … */
  notSure: string;
  /** … or people go on. */
  handingOff: string;
  /** He asked for a person himself. */
  fetchingPerson: string;
  /** Above several answers that fit. */
  several: string;
}

const english: BotTexts = {
  offer: 'Would you rather talk to a person?',
  person: 'Talk to a person',
  notSure: 'I found no answer to that. Can you say it in another way?',
  handingOff: 'I am not sure about that. I am asking a person to go on with you.',
  fetchingPerson: 'I am asking a person to go on with you.',
  several: 'Which of these do you mean?',
};

const texts: { readonly [language: string]: BotTexts } = {
  en: english,
  ru: {
    offer: 'Хотите поговорить с человеком?',
    person: 'Поговорить с человеком',
    notSure: 'Я не нашёл ответа. Можете сказать это по-другому?',
    handingOff: 'Я не уверен в ответе. Прошу человека продолжить разговор с вами.',
    fetchingPerson: 'Прошу человека продолжить разговор с вами.',
    several: 'Что из этого вы имеете в виду?',
  },
  lv: {
    offer: 'Vai vēlaties runāt ar cilvēku?',
    person: 'Runāt ar cilvēku',
    notSure: 'Es neatradu atbildi. Vai varat to pateikt citādi?',
    handingOff: 'Es neesmu drošs par atbildi. Aicinu cilvēku turpināt sarunu ar jums.',
    fetchingPerson: 'Aicinu cilvēku turpināt sarunu ar jums.',
    several: 'Kuru no šiem jūs domājat?',
  },
  de: {
    offer: 'Möchten Sie lieber mit einem Menschen sprechen?',
    person: 'Mit einem Menschen sprechen',
    notSure: 'Dazu habe ich keine Antwort gefunden. Können Sie es anders sagen?',
    handingOff: 'Da bin ich nicht sicher. Ich bitte einen Menschen, mit Ihnen weiterzumachen.',
    fetchingPerson: 'Ich bitte einen Menschen, mit Ihnen weiterzumachen.',
    several: 'Was davon meinen Sie?',
  },
  es: {
    offer: '¿Prefiere hablar con una persona?',
    person: 'Hablar con una persona',
    notSure: 'No he encontrado una respuesta. ¿Puede decirlo de otra manera?',
    handingOff: 'No estoy seguro de la respuesta. Pido a una persona que siga con usted.',
    fetchingPerson: 'Pido a una persona que siga con usted.',
    several: '¿A cuál de estas se refiere?',
  },
  ar: {
    offer: 'هل تفضّل التحدث مع شخص؟',
    person: 'التحدث مع شخص',
    notSure: 'لم أجد إجابة عن ذلك. هل يمكنك قول ذلك بطريقة أخرى؟',
    handingOff: 'لست متأكدًا من الإجابة. أطلب من شخص أن يتابع معك.',
    fetchingPerson: 'أطلب من شخص أن يتابع معك.',
    several: 'أيًّا من هذه تقصد؟',
  },
};

/** English for languages that are not there. `language` is a tag: `lv`, `de-AT`. */
export function botTexts(language: string | null): BotTexts {
  const base = (language ?? 'en').split('-')[0]?.toLowerCase() ?? 'en';
  return (Object.hasOwn(texts, base) ? texts[base] : undefined) ?? english;
}

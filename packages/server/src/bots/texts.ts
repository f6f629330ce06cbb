/** The few words the relay itself says for a bot, where the bot has none of its own. In the languages of the widget. */
interface BotTexts {
  /** Above the button that asks for a person. */
  offer: string;
  person: string;
  notSure: string;
}

const TEXTS: Record<string, BotTexts> = {
  ar: {
    offer: 'هل تفضّل التحدث مع شخص؟',
    person: 'التحدث مع شخص',
    notSure: 'لم أجد إجابة عن ذلك. هل يمكنك قول ذلك بطريقة أخرى؟',
  },
  de: {
    offer: 'Möchten Sie lieber mit einem Menschen sprechen?',
    person: 'Mit einem Menschen sprechen',
    notSure: 'Dazu habe ich keine Antwort gefunden. Können Sie es anders sagen?',
  },
  en: {
    offer: 'Would you rather talk to a person?',
    person: 'Talk to a person',
    notSure: 'I found no answer to that. Can you say it in another way?',
  },
  es: {
    offer: '¿Prefiere hablar con una persona?',
    person: 'Hablar con una persona',
    notSure: 'No he encontrado una respuesta. ¿Puede decirlo de otra manera?',
  },
  lv: {
    offer: 'Vai vēlaties runāt ar cilvēku?',
    person: 'Runāt ar cilvēku',
    notSure: 'Es neatradu atbildi. Vai varat to pateikt citādi?',
  },
  ru: {
    offer: 'Хотите поговорить с человеком?',
    person: 'Поговорить с человеком',
    notSure: 'Я не нашёл ответа. Можете сказать это по-другому?',
  },
};

/** English for languages that are not there. */
export function botTexts(language: string | null): BotTexts {
  const base = (language ?? 'en').split('-')[0]?.toLowerCase() ?? 'en';
  return (Object.hasOwn(TEXTS, base) ? TEXTS[base] : TEXTS['en']) as BotTexts;
}

import type { Bot, BotCannedReply } from '../config/bot.ts';
import { defineBot } from './define-bot.ts';
import { whatIsAsked } from './question-words.ts';
import { type BotTexts, botTexts } from './texts.ts';

export interface FaqBotOptions<Id extends string = string> {
  id: Id;
  name: string;
  /** A canned reply is given when it fits at least this well, from 0 to 1. @default 0.5 */
  minScore?: number;
  /** Said before the first answer, by language tag or for all. @default nothing */
  greeting?: string | { readonly [language: string]: string };
  /** Words of its own, by language; what is not given is said in the bot's own words (en, ru, lv, de, es, ar). */
  texts?: { readonly [language: string]: Partial<BotTexts> };
  /** Turns in a row without an answer, after which it gives the conversation to people; before that it asks for other words. @default 1 */
  handoffAfter?: number;
  deadlineMs?: number;
}

/** Replies that fit nearly as well as the best one are offered beside it. */
const nearlyAsGood = 0.8;
const maxChoices = 4;
/** What a person who comes is told of the question. */
const maxAskedChars = 300;

/** Asking for a person in so many words, and the one word that is enough when there is little else. */
const asksForPerson =
  /(talk|speak|chat)\s+(to|with)\s+(an?\s+|the\s+)?(real\s+|live\s+)?(person|someone|somebody|agent|human|people)|mit\s+(einem\s+)?(menschen|mitarbeiter|jemandem)\s+(sprechen|reden)|hablar\s+con\s+(una?\s+)?(persona|agente|humano|alguien)|runāt\s+ar\s+(cilvēku|operatoru|darbinieku|kādu)|(говорить|связаться|соедините|общаться)\s+(с\s+|со\s+)?(живым\s+)?(человек|оператор|сотрудник|кем)|(التحدث|أتحدث|اتحدث|الكلام)\s+(مع|إلى)\s+(شخص|إنسان|موظف)/iu;
const person =
  /^(an?\s+)?(human|real person|person|agent|operator|mensch|mitarbeiter|cilvēks?|cilvēku|operators?|humano|agente|persona|человек|человека|оператор|оператора|شخص|إنسان|موظف)[\s.,!?]*(please|bitte|lūdzu|пожалуйста|por favor)?[\s.,!?]*$/iu;
const wantsPerson = (text: string) => asksForPerson.test(text) || person.test(text.trim());

const inLanguage = (texts: string | { readonly [language: string]: string }, language: string | null): string => {
  if (typeof texts === 'string') return texts;
  const tag = language ?? 'en';
  const base = tag.split('-')[0] ?? 'en';
  return texts[tag] ?? texts[base] ?? texts['en'] ?? Object.values(texts)[0] ?? '';
};

const plain = (text: string) => text.trim().toLowerCase();

/**
 * A bot that needs no network: it answers with the canned replies of people, asks which one is meant when several fit, and gives the conversation to
 * people when none does or the visitor asks for one. While a person answers, it proposes the reply that fits.
 *
 * @throws {ChatError} bad-option
 */
export function faqBot<const Id extends string>(options: FaqBotOptions<Id>): Bot<Id> {
  const { id, name, minScore = 0.5, handoffAfter = 1, greeting } = options;

  function textsIn(language: string | null): BotTexts {
    const base = (language ?? 'en').split('-')[0] ?? 'en';
    return { ...botTexts(language), ...options.texts?.[base], ...options.texts?.[language ?? ''] };
  }

  /** What fits; one alone when it is named by its title, as a tapped choice does. */
  function fitting(found: readonly BotCannedReply[], text: string): readonly BotCannedReply[] {
    const named = found.find(({ title }) => plain(title.slice(0, maxTitleChars)) === plain(text));
    if (named) return [named];
    const [best] = found;
    if (!best || best.score < minScore) return [];
    return found.filter(({ score }) => score >= Math.max(minScore, best.score * nearlyAsGood));
  }

  return defineBot({
    id,
    name,
    ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
    async greet(turn) {
      const words = greeting && inLanguage(greeting, turn.conversation.language);
      if (words) await turn.reply(words);
    },
    async onMessage(turn) {
      const { text, conversation } = turn;
      const { language } = conversation;
      const texts = textsIn(language);
      const details = { summary: text.slice(0, maxAskedChars), ...(language ? { language } : {}) };
      const found = await turn.cannedReplies(whatIsAsked(text, language), maxChoices);
      const fits = fitting(found, text);
      const [best] = fits;
      if (wantsPerson(text)) {
        await turn.reply(texts.fetchingPerson);
        return turn.handoff({ reason: 'The visitor asked for a person.', ...details });
      }
      if (best && fits.length === 1) return turn.reply(best.text);
      if (best) {
        const choices = fits.map(({ title }) => ({ text: title.slice(0, maxTitleChars) }));
        const person = { text: texts.person, action: 'request-human' as const };
        return turn.reply([{ kind: 'quick-replies', text: texts.several, replies: [...choices, person] }]);
      }
      if (turn.failures + 1 < handoffAfter) return turn.unsure(texts.notSure);
      await turn.reply(texts.handingOff);
      return turn.handoff({ reason: 'No canned reply answers this question.', ...details });
    },
    async draft(turn) {
      const asked = whatIsAsked(turn.text, turn.conversation.language);
      const [best] = fitting(await turn.cannedReplies(asked, maxChoices), turn.text);
      return best?.text ?? null;
    },
  });
}

/** What fits on a button; a title is longer only by mistake. */
const maxTitleChars = 200;

import { LIMITS } from '@sveiki/protocol';
import { ChatError } from '../chat-error.ts';
import type { Bot } from '../config/bot.ts';

/**
 * A bot as it is, checked: for `bots` of a configuration, or for `runBot`.
 *
 * @example
 * export const parrot = defineBot({ id: 'parrot', name: 'Parrot', onMessage: (turn) => turn.reply(turn.text) });
 *
 * @throws {ChatError} bad-option
 */
export function defineBot<const Id extends string>(bot: Bot<Id>): Bot<Id> {
  const { id, name, deadlineMs = 1 } = bot;
  if (!/^[a-z0-9][\w-]{0,63}$/i.test(id))
    throw new ChatError('bad-option', `A bot cannot have the id "${id}": use letters, digits, "-" and "_".`);
  if (!name.trim() || name.length > LIMITS.maxNameChars)
    throw new ChatError('bad-option', `The bot "${id}" needs a name of at most ${LIMITS.maxNameChars} characters.`);
  if (!(deadlineMs > 0))
    throw new ChatError('bad-option', `The bot "${id}" needs a deadlineMs above 0: without time it cannot answer.`);
  return bot;
}

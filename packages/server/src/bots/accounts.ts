import type { BotConfig } from '../config-types.ts';
import type { AgentRow, Clock, Store } from '../ports.ts';

/** A bot is never too busy. */
const CAPACITY = 1_000_000;

/**
 * Gives every bot of the configuration an account, and takes it from those that are not in it any more. A bot has no password and no teams: it gets
 * what it is given and is in nobody's queue.
 *
 * @throws Error with words for people when the id of a bot is a person's
 */
export async function keepBotAccounts(
  bots: readonly Pick<BotConfig, 'id' | 'name'>[],
  { store, clock }: { store: Store; clock: Clock },
): Promise<void> {
  const rows = new Map((await store.agents()).map((row) => [row.id, row]));
  for (const { id, name } of bots) {
    const row = rows.get(id);
    if (row !== undefined && row.role !== 'bot')
      throw new Error(`The bot "${id}" has the id of a person's account. Give the bot another id.`);
    const wanted: AgentRow = {
      id,
      email: `bot:${id}`,
      name,
      role: 'bot',
      teams: [],
      capacity: CAPACITY,
      presence: 'online',
      passwordHash: null,
      active: true,
      createdAt: row?.createdAt ?? clock.now(),
    };
    if (row === undefined || row.name !== name || !row.active || row.presence !== 'online')
      await store.saveAgent(wanted);
  }
  for (const row of rows.values())
    if (row.role === 'bot' && row.active && !bots.some(({ id }) => id === row.id))
      await store.saveAgent({ ...row, active: false });
}

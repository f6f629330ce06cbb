import { text } from 'node:stream/consumers';
import type { Role } from '@sveiki/protocol';
import { type AgentAuth, SIGN_IN_CODE_LIFE_MS } from '../auth/agent-auth.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config-types.ts';
import { plainLine } from '../domain/plain-line.ts';
import { createIds } from '../ids.ts';
import type { AgentRow, Store } from '../ports.ts';
import { CommandFailed, type CommandLine } from './command-line.ts';
import { EXIT } from './exit-codes.ts';
import { inRoom } from './room.ts';

const ROLES: readonly Role[] = ['agent', 'lead', 'manager', 'admin'];
const DEFAULT_CAPACITY = 5;
const MAX_NAME_CHARS = 200;

/** `sveiki add-agent <email> <name>`; whoever was deactivated comes back by it, without the old password. */
export async function addAgent(line: CommandLine): Promise<number> {
  const { positionals, values } = line;
  const email = emailOf(positionals[0]);
  const name = plainLine(positionals[1] ?? '', MAX_NAME_CHARS + 1);
  const role = ROLES.find((one) => one === (values.role ?? 'agent'));
  const capacity = Number(values.capacity ?? DEFAULT_CAPACITY);
  if (name === '' || name.length > MAX_NAME_CHARS)
    throw new CommandFailed('A name has 1 to 200 characters.', EXIT.usage);
  if (role === undefined)
    throw new CommandFailed(`There is no role "${values.role}". Use ${ROLES.join(', ')}.`, EXIT.usage);
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > 100) {
    throw new CommandFailed('The capacity is how many conversations somebody answers at once: 1 to 100.', EXIT.usage);
  }
  return inRoom(line, async ({ config, store, audit, auth }) => {
    const teams = values.team ?? config.teams.map(({ id }) => id);
    const unknown = teams.find((team) => !config.teams.some(({ id }) => id === team));
    if (unknown !== undefined) {
      throw new CommandFailed(
        `There is no team "${unknown}". Teams are ${config.teams.map(({ id }) => id).join(', ')}.`,
        EXIT.usage,
      );
    }
    const before = await store.agentByEmail(email);
    if (before?.active === true) {
      throw new CommandFailed(`${email} is there already. "sveiki link ${email}" makes a new link.`);
    }
    const agent: AgentRow = {
      id: before?.id ?? createIds(systemClock).next(),
      email,
      name,
      role,
      teams,
      capacity,
      presence: 'online',
      passwordHash: null,
      active: true,
      createdAt: before?.createdAt ?? systemClock.now(),
    };
    const entry = {
      actor: 'operator',
      action: 'agent.added',
      object: `agent:${agent.id}`,
      after: ['role', 'teams'],
    } as const;
    await store.saveAgent(agent, audit.notes(entry));
    return `Added ${name}, ${role} in ${teams.join(', ')}.\n${await linkText(config, auth, agent)}`;
  });
}

/** `sveiki link <email>` */
export function link(line: CommandLine): Promise<number> {
  return inRoom(line, async ({ config, store, auth }) => linkText(config, auth, await agentOf(store, line)));
}

/** `sveiki set-password <email>`, the password on standard input */
export function setPassword(line: CommandLine): Promise<number> {
  return inRoom(line, async ({ store, auth }) => {
    const agent = await agentOf(store, line);
    if (process.stdin.isTTY) process.stderr.write('New password, then Enter and Ctrl-D: ');
    const password = (await text(process.stdin)).replace(/\r?\n$/, '');
    await auth.setPassword(agent.id, password).catch((error: Error) => {
      throw new CommandFailed(error.message);
    });
    return `${agent.name} has a new password. Every session of theirs has ended.\n`;
  });
}

/** `sveiki deactivate <email>` */
export function deactivate(line: CommandLine): Promise<number> {
  return inRoom(line, async ({ store, auth }) => {
    const agent = await agentOf(store, line);
    await auth.deactivate(agent.id);
    return `${agent.name} can do nothing any more.\n`;
  });
}

async function linkText(config: Config, auth: AgentAuth, agent: AgentRow): Promise<string> {
  const code = await auth.makeCode(agent.id);
  return `This link signs in once, within ${SIGN_IN_CODE_LIFE_MS / 60_000} minutes:\n${config.publicUrl}/desk/#code=${code}\n`;
}

async function agentOf(store: Store, { positionals }: CommandLine): Promise<AgentRow> {
  const email = emailOf(positionals[0]);
  const agent = await store.agentByEmail(email);
  if (agent?.active === true) return agent;
  throw new CommandFailed(`Nobody with the e-mail ${email} answers here. "sveiki add-agent" adds somebody.`);
}

function emailOf(value: string | undefined): string {
  const email = (value ?? '').trim().toLowerCase();
  if (/^[^\s@]+@[^\s@]+$/.test(email) && email.length <= 254) return email;
  throw new CommandFailed(`"${value ?? ''}" is not an e-mail address.`, EXIT.usage);
}

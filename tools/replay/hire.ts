import { createHash } from 'node:crypto';
import { openSqliteStore } from '../../packages/server/src/store/sqlite/sqlite-store.ts';

/** Agents in the database before the relay has ever run; each gets a code to sign in with once. */
export async function hire(
  database: string,
  { count, team, capacity }: { count: number; team: string; capacity: number },
): Promise<string[]> {
  const store = await openSqliteStore({ file: database });
  const now = Date.now();
  const codes: string[] = [];
  for (let i = 0; i < count; i++) {
    const id = `agent-${String(i + 1).padStart(3, '0')}`;
    const code = `code-of-${id}-${now}`;
    await store.saveAgent({
      id,
      email: `${id}@shop.example`,
      name: `Agent ${i + 1}`,
      role: 'agent',
      teams: [team],
      capacity,
      presence: 'online',
      passwordHash: null,
      active: true,
      createdAt: now,
    });
    const codeHash = createHash('sha256').update(code).digest('base64url');
    await store.saveSignInCode({ codeHash, agent: id, expiresAt: now + 3_600_000 });
    codes.push(code);
  }
  await store.close();
  return codes;
}

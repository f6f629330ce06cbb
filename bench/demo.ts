import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child.ts';
import { command, freePort, untilReady } from './relay.ts';

/** The demo as `npm start` runs it, with a data folder of its own. */
export async function startDemo(): Promise<{ shop: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'sveiki-bench-'));
  const port = await freePort();
  const child = startChild(command, { args: ['demo'], env: { PORT: String(port), SVEIKI_DATA_DIR: folder } });
  await untilReady(child, port, performance.now() + 60_000);
  return {
    shop: `http://127.0.0.1:${port}/shop/`,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

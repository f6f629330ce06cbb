import { startCrm } from './crm.ts';
import { openShop, secrets } from './shop.ts';
import { askingCrm } from './sveiki.config.ts';

const crm = await startCrm({ secret: secrets.CRM_SECRET });
const shop = await openShop(askingCrm(crm.url));

const tell = async (who: string, customer?: string): Promise<void> => {
  const { by, reason, team } = await shop.visitor(customer);
  console.log(`${who.padEnd(28)} → ${team ?? '-'}, decided by ${by}: ${reason}`);
};
await tell('Ben’s own customer', 'c-100');
await tell('a gold customer', 'c-200');
await tell('one with unpaid invoices', 'c-300');
await tell('somebody unknown');
crm.mood = 'silent';
await tell('gold, but the CRM is silent', 'c-201');

const [failure] = await shop.agent('ada').hooks.failures();
console.log(`\nWhat a lead reads in the desk: ${failure?.hook}: ${failure?.message}`);
await shop.stop();
await crm.stop();

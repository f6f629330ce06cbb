import type { ImportedReplyFile } from '@sveiki/sdk/agent';
import { until } from '@sveiki/sdk/testing';
import { fileNamed, openShop } from './shop.ts';

const { cleo, conversation, stop } = await openShop();

tell('replies.csv', await cleo.replies.importFile(fileNamed('replies.csv'), 'csv'));
tell('replies.json', await cleo.replies.importFile(fileNamed('replies.json'), 'json'));

// Typed without the long ē, and with a mistake. The visitor writes Latvian, so that is the text.
for (const query of ['kavejas', 'flowrs']) {
  const [best] = await cleo.replies.search(query, { conversation });
  console.log(`"${query}" finds ${best?.title} (${best?.locale}): ${best?.preview}`);
}

const [late] = await cleo.replies.search('late', { conversation });
if (late === undefined) throw new Error('The reply "late" is not there.');
const empty = await cleo.replies.render(late.id, { conversation, values: {} });
if (!empty.ok) console.log(`Not sent: asks ${empty.missing.map(({ ask }) => `"${ask}"`).join(', ')} first`);

const filled = await cleo.replies.render(late.id, { conversation, values: { time: '17:30' } });
if (filled.ok) {
  await until(cleo, () => cleo.state.conversations.get(conversation)?.owner);
  await cleo.send(conversation, filled.text);
  // Usage is counted, and later what became of the conversation.
  await cleo.replies.used(late.id, conversation);
  console.log(`Sent: ${filled.text}`);
}

console.log(`\n${await cleo.replies.exportFile('csv')}`);
await stop();

function tell(name: string, { saved, problems }: ImportedReplyFile): void {
  console.log(`${name}: ${saved} saved`);
  for (const { at, path, problem, fix } of problems) console.log(`  ${at}  ${path}: ${problem} ${fix}`);
}

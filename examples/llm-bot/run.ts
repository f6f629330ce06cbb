import { isKind } from '@sveiki/sdk';
import { until } from '@sveiki/sdk/testing';
import { openWoolShop } from './wool-shop.ts';

const { mia, ada, model, answer, stop } = await openWoolShop();
const ask = async (words: string, expected: string): Promise<void> => {
  console.log(`Mia     ${words}`);
  await mia.send(words);
  console.log(`Woolly  ${await answer(expected)}`);
};

model.pause();
console.log('Mia     Hi');
await mia.send('Hi');
console.log(`        … ${(await until(mia, () => mia.state.streaming)).text}`);
model.goOn();
console.log(`Woolly  ${await answer('mittens.')}`);

await ask('What does the scarf cost?', '39');
mia.on('tool-call', (request) => {
  console.log(`        [${request.who.name} asks: ${request.description}? Mia says yes]`);
  request.allow();
});
await ask('What is in my basket?', 'mittens"');
await ask('Can a person wrap it for me?', 'one moment');

const conversation = mia.state.conversation?.id ?? '';
await until(ada, () => ada.state.conversations.get(conversation)?.owner?.id === 'ada');
await ada.watch(conversation);
const handoff = ada.state.watched.get(conversation)?.events.findLast((event) => isKind(event, 'handoff-requested'));
console.log('\nAda has it:', handoff?.body.details);
await stop();

import { openTeaHouse } from './tea-house.ts';

const { ada, visitor, askedFor, stop } = await openTeaHouse();
const mia = visitor();
/** Mia says something, and somebody's answer has these words in it. */
const ask = async (words: string, expected: string): Promise<void> => {
  console.log(`Mia   ${words}`);
  for (const answer of await mia.ask(words, expected)) console.log(`      → ${answer.replaceAll('\n', ' / ')}`);
};

await ask('How long does the shipping take?', 'two working days');
await ask('Do you sell teapots with dragons?', 'another way');
await ask('Dragons. On a teapot.', 'another way');
await ask('You know, those flying ones.', 'talk to a person');
await ask('I want to talk to a person', 'asking a person');

const conversation = mia.conversation();
console.log('\nAda is asked:', await askedFor(conversation));
await ada.acceptOffer(conversation);
await ada.send(conversation, 'Only with cranes, I am afraid. The helper goes on with everything else.');
await ada.returnToBot(conversation, { note: 'Looked for a dragon teapot.' });
console.log('Ada answers, and gives the conversation back.\n');

await ask('Which water temperature for green tea?', '75');
await stop();

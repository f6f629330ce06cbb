import { signal } from '@preact/signals-core';
import { render } from 'preact';
import { expect, it } from 'vitest';
import { live } from './live.ts';

/** Preact draws in a microtask. */
const settled = () => Promise.resolve().then(() => {});

it('draws again for what it read and for its props, and for nothing else', async () => {
  const read = signal('a');
  const other = signal('x');
  const drawn: string[] = [];
  const Line = live(({ name }: { name: string }) => {
    drawn.push(`${name} ${read.value}`);
    return <p>{`${name} ${read.value}`}</p>;
  });
  const Page = live(() => {
    drawn.push(`page ${other.value}`);
    return <Line name={other.value === 'z' ? 'Ben' : 'Ada'} />;
  });
  const place = document.createElement('div');
  render(<Page />, place);
  read.value = 'b';
  await settled();
  other.value = 'y';
  await settled();
  expect(drawn.splice(0)).toEqual(['page x', 'Ada a', 'Ada b', 'page y']);
  other.value = 'z';
  await settled();
  expect(place.textContent).toBe('Ben b');
  drawn.length = 0;
  render(null, place);
  read.value = 'c';
  await settled();
  expect(drawn).toEqual([]);
});

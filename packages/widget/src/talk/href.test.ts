import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { safeHref } from './href.ts';

const schemes = [
  'javascript', 'JAVASCRIPT', 'JaVaScRiPt', 'data', 'vbscript', 'blob', 'file', 'ftp', 'ws', 'wss', 'about', 'chrome', 'view-source',
  'intent', 'filesystem', 'jar', 'livescript', 'mocha', 'feed', 'sms', 'geo', 'market', 'itms', 'x-javascript', 'httpx', 'xhttp', 'mailtoo',
]; // biome-ignore format: a list
const shapes = [
  (scheme: string) => `${scheme}:alert(1)`,
  (scheme: string) => `${scheme}://example.com/%0aalert(1)`,
  (scheme: string) => ` ${scheme}:alert(1)`,
  (scheme: string) => `\u0000${scheme}:alert(1)`,
  (scheme: string) => `\u0001 ${scheme}:alert(1)`,
  (scheme: string) => `\t${scheme}:alert(1)`,
  (scheme: string) => `${scheme.slice(0, 2)}\t${scheme.slice(2)}:alert(1)`,
  (scheme: string) => `${scheme.slice(0, 2)}\n${scheme.slice(2)}:alert(1)`,
  (scheme: string) => `${scheme.slice(0, 2)}\r${scheme.slice(2)}:alert(1)`,
  (scheme: string) => `${scheme}\n:alert(1)`,
  (scheme: string) => `${scheme}:text/html,<script>alert(1)</script>`,
  (scheme: string) => `${scheme}:https://example.com`,
];
const odd = [
  '', ' ', '/', '//example.com', '/path', 'path', './path', '../path', '?q=1', '#hash', 'example.com', 'www.example.com',
  'https:', 'https://', 'http://', 'https:\\\\', 'http://[', 'https://exa mple.com', 'javascript&colon;alert(1)', 'java&#115;cript:alert(1)',
  '&#106;avascript:alert(1)', '%6aavascript:alert(1)', ':alert(1)', '://', '\\\\example.com', '<a>', '"onclick="alert(1)', "'", '\u202ehttps',
]; // biome-ignore format: a list

describe('safeHref', () => {
  const refused = [...schemes.flatMap((scheme) => shapes.map((shape) => shape(scheme))), ...odd];

  it('refuses more than 300 strings that lead elsewhere', () => {
    expect(refused.length).toBeGreaterThan(300);
    expect(refused.filter((text) => safeHref(text) !== undefined)).toEqual([]);
  });

  it.each([
    ['https://example.com/a?b=c#d', 'https://example.com/a?b=c#d'],
    ['http://example.com', 'http://example.com/'],
    ['HTTPS://EXAMPLE.com/A', 'https://example.com/A'],
    ['mailto:ada@example.com', 'mailto:ada@example.com'],
    ['tel:+37120000000', 'tel:+37120000000'],
  ])('lets %s through', (text, href) => {
    expect(safeHref(text)).toBe(href);
  });

  it('gives what the browser has understood, not what was written', () => {
    expect(safeHref(' ht\ntps://example.com/<"> ')).toBe('https://example.com/%3C%22%3E');
  });

  it.each([null, undefined, 1, {}, [], { toString: () => 'https://example.com' }, ['https://example.com']])(
    'refuses %j, which is no string',
    (value) => {
      expect(safeHref(value)).toBeUndefined();
    },
  );
});

it('is the only maker of links: no other file has an anchor, an address or HTML from a string', () => {
  const root = join(import.meta.dirname, '..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name),
  );
  const found = files.flatMap((name) => {
    const code = readFileSync(join(root, name), 'utf8');
    return [...code.matchAll(/<a\b|\bhref=|\bsrc=|innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function/g)].map(
      ([what]) => `${name.replaceAll('\\', '/')}: ${what}`,
    );
  });
  expect(found).toEqual(['talk/parts/text.tsx: <a', 'talk/parts/text.tsx: href=']);
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import config from './sveiki.config.ts';

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, 'pages');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const pages = readdirSync(folder).filter((name) => name.endsWith('.html'));

describe('the shop', () => {
  it('has several pages, to change between while one talks', () => expect(pages.length).toBeGreaterThanOrEqual(3));

  it.each(pages)('%s has the chat by one tag, the one the README shows', (page) => {
    const tags = read(page).match(/<script[\s\S]*?<\/script>/g);
    const site = page === 'help.html' ? 'pk_amber_and_wool_help' : 'pk_amber_and_wool';
    expect(tags).toEqual([`<script async src="/widget.js" data-site="${site}"></script>`]);
    expect(config.sites.map(({ key }) => key)).toContain(site);
    if (page === 'index.html') expect(readFileSync(join(here, 'README.md'), 'utf8')).toContain(tags?.[0]);
  });

  it.each(pages)('%s has nothing inline, which its policy would refuse', (page) => {
    expect(read(page)).not.toMatch(/\sstyle=|\son[a-z]+=|<style|javascript:/i);
  });

  it.each(pages)('%s leads only to what is there', (page) => {
    const links = [...read(page).matchAll(/(?:href|src)="([^"#/][^"]*)"/g)].map(([, link]) => link ?? '');
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) expect(existsSync(join(folder, link)), link).toBe(true);
  });

  it.each(readdirSync(join(folder, 'images')))('images/%s carries no script and no style of its own', (image) => {
    expect(read(join('images', image))).not.toMatch(
      /<script|<style|\sstyle=|\son[a-z]+=|<foreignObject|https?:\/\/(?!www\.w3\.org)/i,
    );
  });
});

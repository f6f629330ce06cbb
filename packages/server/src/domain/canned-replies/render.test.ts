import type { Inline, TextNode } from '@sveiki/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseText } from '../text.ts';
import { askedValues, type RenderInput, renderReply } from './render.ts';

const render = (body: string, rest: Partial<RenderInput> = {}) =>
  renderReply({ body, variables: [], sources: {}, answers: {}, target: 'text', ...rest });
const textOf = (body: string, rest: Partial<RenderInput> = {}): string => {
  const rendered = render(body, rest);
  if (!rendered.ok) throw new Error(JSON.stringify(rendered));
  return rendered.text;
};

/** What a reader sees, and how it is made up: node kinds and addresses with the words taken out. */
function look(source: string): { words: string; shape: string } {
  let words = '';
  const shapeOf = (node: TextNode | Inline): string => {
    if (typeof node === 'string') {
      words += node;
      return '';
    }
    if ('text' in node) words += node.text;
    const inner: readonly (TextNode | Inline)[] =
      'children' in node ? node.children : 'items' in node ? node.items.flat() : [];
    const before = node.kind === 'link' ? `link ${node.href}` : node.kind;
    if (node.kind === 'break') words += '\n';
    const shape = `<${before}${inner.map(shapeOf).join('')}>`;
    return node.kind === 'paragraph' ? `${inner.length > 0 ? shape : ''}` : shape;
  };
  const tree = parseText(source) ?? [{ kind: 'paragraph', children: [source] }];
  const shape = tree.map(shapeOf).join('');
  return { words, shape };
}

describe('renderReply', () => {
  it('puts in what the agent typed, else what is known, else the default in the body, else the declared one', () => {
    const variables = [{ name: 'who', source: 'visitor.name', default: 'friend' }] as const;
    const body = 'Hi {{who}}';
    expect(textOf(body, { variables, sources: { 'visitor.name': 'Mia' }, answers: { who: 'Ms Ozola' } })).toBe(
      'Hi Ms Ozola',
    );
    expect(textOf(body, { variables, sources: { 'visitor.name': 'Mia' } })).toBe('Hi Mia');
    expect(textOf('Hi {{who|there}}', { variables })).toBe('Hi there');
    expect(textOf(body, { variables, sources: { 'visitor.name': '  ' } })).toBe('Hi friend');
  });

  it('says which values are missing and renders nothing', () => {
    expect(
      render('Order {{order}} of {{visitor.name}}: {{ask:New date}}, {{order}}', {
        variables: [{ name: 'order', ask: 'Order number' }],
        sources: { 'visitor.name': null },
      }),
    ).toEqual({
      ok: false,
      errors: [],
      missing: [
        { name: 'order', label: 'Order number', why: 'empty' },
        { name: 'visitor.name', label: 'visitor.name', why: 'empty' },
        { name: 'ask:new date', label: 'New date', why: 'empty' },
      ],
    });
  });

  it('asks for a shorter value instead of cutting one', () => {
    expect(render('{{ask:text}}', { answers: { 'ask:text': 'x'.repeat(1_001) } })).toMatchObject({
      missing: [{ name: 'ask:text', why: 'too-long' }],
    });
  });

  it('leaves out what is not required, and what stands in the other half of a condition', () => {
    const variables = [{ name: 'gift', required: false }];
    const body = '{{#if gift}}With {{gift}} for {{ask:whom}}.{{else}}Without.{{/if}}{{gift}}{{agent.name|}}';
    expect(textOf(body, { variables })).toBe('Without.');
    expect(textOf(body, { variables, answers: { gift: 'a cup', 'ask:whom': 'Noah' } })).toBe(
      'With a cup for Noah.a cup',
    );
  });

  it('takes nothing from what objects inherit', () => {
    const variables = [{ name: 'constructor' }, { name: 'toString' }];
    expect(render('{{constructor}}{{toString}}', { variables })).toMatchObject({
      missing: [{ name: 'constructor' }, { name: 'toString' }],
    });
  });

  it('gives back the errors of a broken body', () => {
    expect(render('{{nothing}}')).toMatchObject({ ok: false, missing: [], errors: [{ code: 'unknown-name' }] });
  });

  it.each([
    ['Jānis Bērziņš-O’Neil Jr.', 'Jānis Bērziņš-O’Neil Jr.'],
    ['AW_10_2, 10:30, Size: M (blue)', 'AW_10_2, 10:30, Size: M (blue)'],
    ['a_b@shop.example', 'a_b@shop.example'],
    ['[click](https://evil.example)', '\\[click\\](https\\://evil.example)'],
    ['**Admin**', '\\*\\*Admin\\*\\*'],
    ['{{agent.name}}', '{{agent.name}}'],
    ['a\nb\u0000\u202ec', 'a b c'],
    ['`x`', "'x'"],
  ])('writes the value %j as %j', (value, written) => {
    expect(textOf('Hi {{visitor.name}}', { sources: { 'visitor.name': value } })).toBe(`Hi ${written}`);
  });

  it.each(['- x', '1. x', '2) x', '> x', '+ x', '~~~', '# x'])('begins no list or quote with %j', (value) => {
    const { words, shape } = look(textOf('{{visitor.name}}', { sources: { 'visitor.name': value } }));
    expect(words).toBe(value);
    expect(shape.replaceAll('<paragraph>', '')).toBe('');
  });

  it('encodes a value in an address that the author began, and lets it choose no host', () => {
    const sources = { 'visitor.name': 'a b/../&x=[1](y)' };
    expect(look(textOf('See https://shop.example/find?q={{visitor.name}} now', { sources })).shape).toBe(
      '<paragraph<link https://shop.example/find?q=a%20b%2F..%2F%26x%3D%5B1%5D%28y%29>>',
    );
    expect(look(textOf('[a](https://shop.example/{{visitor.name}})', { sources })).shape).toContain(
      '/a%20b%2F..%2F%26',
    );
    const host = { sources: { 'visitor.name': 'evil.example/' } };
    expect(textOf('https://{{visitor.name}}', host)).toBe('https://evil-example-');
    expect(
      look(textOf('[a]({{visitor.name}})', { sources: { 'visitor.name': 'https://evil.example' } })).shape,
    ).not.toContain('link');
    expect(textOf('https://a.example/{{visitor.name}}/b', { sources: { 'visitor.name': '..' } })).toBe(
      'https://a.example/-/b',
    );
  });

  it('writes a value behind an address as a value', () => {
    const sources = { 'visitor.name': 'Mia: O*' };
    expect(textOf('[a](https://a.example/b),{{visitor.name}}', { sources })).toBe('[a](https://a.example/b),Mia: O\\*');
    expect(textOf('https://a.example/b {{visitor.name}}', { sources })).toBe('https://a.example/b Mia: O\\*');
  });

  const hostile = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          ...[
            '*',
            '**',
            '_',
            '__',
            '`',
            '```',
            '~~~',
            '[',
            ']',
            '](',
            ')',
            '<',
            '>',
            '\\',
            '\n',
            '\n\n',
            '- ',
            '1. ',
            '+ ',
            '# ',
          ],
          ...[
            'https://evil.example',
            'http',
            's',
            ':',
            '//',
            'mailto:',
            'a@evil.example',
            'javascript:',
            '{{',
            '}}',
            '{{site.name}}',
          ],
          ...[
            '<b>',
            '<img src=x onerror=alert(1)>',
            '&lt;',
            '&',
            '"',
            "'",
            ' ',
            'Mia',
            '7',
            '|',
            '!',
            'tel:1',
            'www.evil.example',
            '\t',
          ],
        ),
        fc.string({ unit: 'binary', maxLength: 4 }),
      ),
      { maxLength: 12 },
    )
    .map((pieces) => pieces.join(''));
  const bodies = [
    'Hi {{visitor.name}}, welcome',
    '{{visitor.name}}',
    '{{visitor.name}}{{agent.name}}',
    'http{{visitor.name}} {{agent.name}}s',
    '- {{visitor.name}}\n- two {{agent.name}}',
    '> {{visitor.name}}',
    '**{{visitor.name}}**, *dear* {{agent.name}}\n{{visitor.name}}',
    '1{{visitor.name}} x',
    '({{visitor.name}}) [{{agent.name}}] "{{visitor.name}}"',
    'A\n{{visitor.name}}\n{{agent.name}}\nB',
    '[help](https://shop.example/help){{visitor.name}}',
    '<https://shop.example/help>{{visitor.name}} `{{agent.name}}`',
  ];

  it('lets no value make markup, a link or a template: the shape is that of a harmless value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...bodies), hostile, hostile, (body, name, agent) => {
        const rendered = render(body, { sources: { 'visitor.name': name, 'agent.name': agent } });
        if (!rendered.ok) {
          expect(rendered.errors).toEqual([]);
          return;
        }
        const harmless = textOf(body, { sources: { 'visitor.name': 'Mia', 'agent.name': 'Ada' } });
        const kinds = (shape: string): string[] => shape.match(/<(?!paragraph|break)[a-z-]+( \S+)?/g) ?? [];
        expect(kinds(look(rendered.text).shape).toSorted()).toEqual(kinds(look(harmless).shape).toSorted());
      }),
      { numRuns: 3_000 },
    );
  });

  it('shows a value as it is, whatever it is, but for backticks', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const rendered = render('Hi {{visitor.name|x}}!', { sources: { 'visitor.name': name } });
        const clean = name
          .replace(/\p{Cs}/gu, '\ufffd')
          .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
          .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
          .replace(/\s+/g, ' ')
          .trim()
          .replaceAll('`', "'");
        expect(rendered.ok && look(rendered.text).words).toBe(`Hi ${clean === '' ? 'x' : clean}!`);
      }),
      { numRuns: 2_000 },
    );
  });

  it('has only its own elements in HTML, whatever body and values are', () => {
    const own =
      /<(\/?(p|blockquote|ul|li|strong|em|code|pre)|ol( start="\d+")?|\/ol|br|\/a|a href="(https?:\/\/|mailto:|tel:)[^"<>]*" rel="noopener noreferrer")>/g;
    fc.assert(
      fc.property(fc.constantFrom(...bodies), hostile, hostile, hostile, (body, literal, name, agent) => {
        const rendered = render(`${literal.replaceAll('{{', '')}\n\n${body}`, {
          sources: { 'visitor.name': name, 'agent.name': agent },
          target: 'html',
        });
        if (rendered.ok) expect(rendered.text.replace(own, '')).not.toMatch(/[<>"]/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('writes HTML and mail out of the same body', () => {
    const body =
      'Hi **{{visitor.name}}**\nsee [help](https://shop.example/help)\n\n1. `a`\n2. b\n\n> "q"\n\n```\n<x>\n```';
    const sources = { 'visitor.name': '<Mia> & *co*' };
    expect(textOf(body, { sources, target: 'html' })).toBe(
      '<p>Hi <strong>&lt;Mia&gt; &amp; *co*</strong><br>see <a href="https://shop.example/help" rel="noopener noreferrer">help</a></p>\n' +
        '<ol><li><p><code>a</code></p></li><li><p>b</p></li></ol>\n<blockquote><p>&quot;q&quot;</p></blockquote>\n<pre><code>&lt;x&gt;</code></pre>',
    );
    expect(textOf(body, { sources, target: 'mail' })).toBe(
      'Hi <Mia> & *co*\nsee help <https://shop.example/help>\n\n1. a\n2. b\n\n> "q"\n\n<x>',
    );
    expect(textOf('One & two\nlines\n\nmore', { target: 'html' })).toBe('<p>One &amp; two<br>lines</p>\n<p>more</p>');
    expect(textOf('One & two\n', { target: 'mail' })).toBe('One & two');
  });
});

describe('askedValues', () => {
  it('lists what the agent is asked, once, with label, default and whether it may stay empty', () => {
    const variables = [
      { name: 'order', ask: 'Order number' },
      { name: 'name', source: 'visitor.name' },
      { name: 'gift', required: false, default: 'cup' },
    ] as const;
    const body =
      '{{#if gift}}{{order}}{{/if}} {{order}} {{name}} {{site.name}} {{gift}} {{ask:Date|today}} {{ask:Place}}';
    expect(askedValues(body, variables)).toEqual([
      { name: 'gift', label: 'gift', default: 'cup', required: false },
      { name: 'order', label: 'Order number', default: '', required: true },
      { name: 'ask:date', label: 'Date', default: 'today', required: false },
      { name: 'ask:place', label: 'Place', default: '', required: true },
    ]);
  });

  it('requires no value that is only named where there is one', () => {
    const variables = [{ name: 'order' }];
    const required = (body: string) => askedValues(body, variables).map((asked) => asked.required);
    expect(required('{{#if order}}{{order}}{{/if}}')).toEqual([false]);
    expect(required('{{#if order}}{{order}}{{/if}} {{order}}')).toEqual([true]);
    expect(required('{{#if order}}x{{else}}{{order}}{{/if}}')).toEqual([true]);
  });

  it('asks nothing for a body with errors', () => {
    expect(askedValues('{{ask:a}}{{', [])).toEqual([]);
  });
});

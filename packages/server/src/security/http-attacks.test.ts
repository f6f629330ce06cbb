import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BODIES } from '../gateway/http/desk-data.ts';
import { SURVEY_BODIES } from '../gateway/http/survey-door.ts';
import { gatewayUnderTest } from '../test-support/gateway.ts';
import { type OpenHouse, openHouse, SITE_ORIGIN } from './open-house.ts';
import { sampleOf } from './schema-samples.ts';

let house: OpenHouse;
let routes: { method: string; path: string }[];
let session: { cookie: string };
beforeAll(async () => {
  const gateway = await gatewayUnderTest();
  routes = gateway.gateway.routes.filter(({ method, path }) => method !== 'ALL' && !path.includes(':'));
  await gateway.stop();
  house = await openHouse();
  session = await house.signedIn('ari');
});
afterAll(() => house.server.stop());

const changing = () => routes.filter(({ method }) => method !== 'GET' && method !== 'OPTIONS');
/** Doors of frames read whatever type a page sends: it is the origin that lets them in. */
const isDoorOfFrames = (path: string): boolean => /\/(stream|frames)$/.test(path);
const originOf = (path: string): string => (path.startsWith('/v1/') ? SITE_ORIGIN : house.desk);

function bodyOf(path: string): string {
  const name = path.replace(/^\/(desk|survey)\/api\//, '');
  if (Object.hasOwn(BODIES, name)) return JSON.stringify(sampleOf(BODIES[name as keyof typeof BODIES]));
  if (Object.hasOwn(SURVEY_BODIES, name))
    return JSON.stringify(sampleOf(SURVEY_BODIES[name as keyof typeof SURVEY_BODIES]));
  return '{}';
}

const ask = ({ method, path }: { method: string; path: string }, headers: Record<string, string>, body?: BodyInit) =>
  fetch(house.server.url + path, {
    method,
    headers: { cookie: session.cookie, 'content-type': 'application/json', ...headers },
    ...(method === 'DELETE' ? {} : { body: body ?? bodyOf(path) }),
  });

/** Bytes as they are; what came back until the server closed, or had answered everything it would. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(house.server.port, '127.0.0.1', () => socket.end(bytes, 'latin1'));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}
const statusesOf = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

const STRANGERS = (own: string): (string | undefined)[] => [
  ...[undefined, '', 'null', '*', 'https://evil.example', `${own}.evil.example`, `${own}/`, `${own}@evil.example`],
  ...[`${own}, https://evil.example`, own.replace('http', 'HTTP'), own.replace('://', ':\\\\'), `${own}:80`, 'file://'],
];

describe('every door that changes something', () => {
  it('is closed to pages of strangers, whatever they have', async () => {
    let count = 0;
    for (const route of changing()) {
      for (const origin of STRANGERS(originOf(route.path))) {
        const response = await ask(route, origin === undefined ? {} : { origin });
        const where = `${route.method} ${route.path} from ${origin}`;
        expect(response.status, where).toBe(403);
        expect(await response.json(), where).toMatchObject({ code: 'bad-origin' });
        expect(response.headers.get('set-cookie'), where).toBeNull();
        expect(response.headers.get('access-control-allow-origin'), where).toBeNull();
        count++;
      }
    }
    expect(count).toBeGreaterThan(200);
    expect((await fetch(`${house.server.url}/desk/api/session`, { headers: session })).status).toBe(200);
  });

  it('never lets a page of another site read an answer of the desk', async () => {
    for (const route of routes.filter(({ path }) => !path.startsWith('/v1/'))) {
      const response = await ask(
        { ...route, method: 'OPTIONS' },
        { origin: SITE_ORIGIN, 'access-control-request-method': 'POST' },
      );
      const names = [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));
      expect(names, route.path).toEqual([]);
    }
  });

  it('takes nothing but JSON, unpacked, in UTF-8, of a bounded size', async () => {
    for (const route of changing().filter(({ method, path }) => method === 'POST' && !isDoorOfFrames(path))) {
      const origin = originOf(route.path);
      const where = `${route.method} ${route.path}`;
      const types = [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/json, text/plain',
      ];
      for (const type of [...types, 'application/json; charset=utf-16', 'text/json', 'application/csp-report'])
        expect((await ask(route, { origin, 'content-type': type })).status, `${where} as ${type}`).toBe(415);
      // A ticket needs no body, and none is read.
      if (route.path.endsWith('/ticket')) continue;
      for (const encoding of ['gzip', 'deflate', 'br', 'identity, gzip'])
        expect((await ask(route, { origin, 'content-encoding': encoding })).status, `${where} as ${encoding}`).toBe(
          415,
        );
      expect((await ask(route, { origin }, Buffer.from([0x22, 0xff, 0x22]))).status, where).toBe(400);
      for (const text of ['', '[]', 'null', '7', '"x"', '{', '{"a":1}{}', 'NaN', "{'a':1}"])
        expect((await ask(route, { origin }, text)).status, `${where} with ${text}`).toBe(400);
      const deep = `{"a":${'['.repeat(2_000)}${']'.repeat(2_000)}}`;
      expect([413, 422], where).toContain((await ask(route, { origin }, deep)).status);
      const proto = await ask(route, { origin }, '{"__proto__":{"role":"admin"},"constructor":{"prototype":{"x":1}}}');
      expect(proto.status, where).toBe(422);
      expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    }
  });

  it('refuses a body that says it is endless before it comes', async () => {
    for (const { path } of changing().filter(({ method, path: to }) => method === 'POST' && !to.endsWith('/ticket'))) {
      const head = [
        ...[`POST ${path} HTTP/1.1`, 'Host: x', `Origin: ${originOf(path)}`, `Cookie: ${session.cookie}`],
        ...['Content-Type: application/json', 'Content-Length: 99999999999', '', ''],
      ];
      expect(statusesOf(await raw(head.join('\r\n'))), path).toEqual([413]);
    }
  });
});

describe('paths in disguise', () => {
  it('lead to nothing that the plain path does not', async () => {
    const disguises = (path: string): string[] => [
      ...[`/.${path}`, `/x/..${path}`, `/%2e${path}`, `/x/%2e%2e${path}`, `${path}/`, `${path}/.`, `${path};a=b`],
      ...[`${path}%00`, `${path}%20`, `${path}.json`, path.toUpperCase(), path.replace('/', '/\\'), `${path}%2f`],
      ...[path.replaceAll('/', '//'), path.replace(/\/(\w+)$/, '%2f$1'), `/static/..${path}`, `${path}#x`, `${path}\\`],
    ];
    let count = 0;
    for (const { method, path } of routes) {
      for (const disguise of disguises(path)) {
        const answer = await raw(
          `${method} ${disguise} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
        );
        const [status = 0] = statusesOf(answer);
        expect([400, 401, 403, 404, 405, 415], `${method} ${disguise}: ${answer.slice(0, 80)}`).toContain(status);
        count++;
      }
    }
    expect(count).toBeGreaterThan(300);
  });
});

describe('two requests that pretend to be one', () => {
  const inner = 'GET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n';
  const post = (lines: string[], body: string): string =>
    `${['POST /desk/api/session HTTP/1.1', 'Host: x', ...lines].join('\r\n')}\r\n\r\n${body}`;
  const both = [`Content-Length: ${inner.length + 5}`];
  const chunked = `0\r\n\r\n${inner}`;
  it.each([
    ['a length and chunks', post([...both, 'Transfer-Encoding: chunked'], chunked)],
    ['chunks and a length', post(['Transfer-Encoding: chunked', ...both], chunked)],
    ['two lengths', post(['Content-Length: 0', 'Content-Length: 42'], inner)],
    ['two lengths in one line', post(['Content-Length: 0, 42'], inner)],
    ['a length with a sign', post(['Content-Length: +0'], inner)],
    ['a negative length', post(['Content-Length: -1'], inner)],
    ['a length in hex', post(['Content-Length: 0x0'], inner)],
    ['a length with a point', post(['Content-Length: 0.0'], inner)],
    ['a length beyond numbers', post(['Content-Length: 18446744073709551616'], inner)],
    ['an unknown encoding', post(['Transfer-Encoding: xchunked'], chunked)],
    ['chunks that are not last', post(['Transfer-Encoding: chunked, identity'], chunked)],
    ['chunks twice', post(['Transfer-Encoding: chunked, chunked'], chunked)],
    ['chunks in two lines', post(['Transfer-Encoding: identity', 'Transfer-Encoding: chunked, x'], chunked)],
    ['chunks with a strange blank', post(['Transfer-Encoding:\u000bchunked'], chunked)],
    ['chunks with a quote', post(['Transfer-Encoding: "chunked"'], chunked)],
    ['a space before the colon', post(['Transfer-Encoding : chunked'], chunked)],
    ['a space before the name', post([' Transfer-Encoding: chunked'], chunked)],
    ['a folded line', post(['Transfer-Encoding:\r\n chunked'], chunked)],
    ['a line feed alone', post(['X: y\nTransfer-Encoding: chunked'], chunked)],
    ['a carriage return alone', post(['X: y\rTransfer-Encoding: chunked'], chunked)],
    ['a zero byte', post(['X: y\u0000', 'Content-Length: 0'], inner)],
    ['a name that is none', post(['Bad[Name]: x', 'Content-Length: 0'], inner)],
    ['a size of a chunk that is none', post(['Transfer-Encoding: chunked'], `g\r\n\r\n${inner}`)],
    ['a size of a chunk with a sign', post(['Transfer-Encoding: chunked'], `-1\r\n\r\n${inner}`)],
    ['a chunk that is longer than it says', post(['Transfer-Encoding: chunked'], `1\r\nxyz\r\n0\r\n\r\n${inner}`)],
    ['a size beyond numbers', post(['Transfer-Encoding: chunked'], `fffffffffffffffff\r\nx\r\n${inner}`)],
    ['a host twice', post(['Host: y', 'Content-Length: 0'], inner)],
    ['another version', post(['Content-Length: 0'], inner).replace('HTTP/1.1', 'HTTP/1.2')],
    ['version 2 in words', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s: the second is never answered', async (_name, bytes) => {
    const statuses = statusesOf(await raw(bytes));
    expect(statuses.filter((status) => status === 200)).toEqual([]);
    // The first may have been answered before it turned out to be none.
    expect(statuses.length === 2 ? statuses[1] : 400).toBe(400);
    expect(statuses.length).toBeLessThanOrEqual(2);
    expect((await fetch(`${house.server.url}/healthz`)).status).toBe(200);
  });
});

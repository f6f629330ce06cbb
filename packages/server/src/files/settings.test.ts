import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../config.ts';
import { FILE_DEFAULTS } from './settings.ts';

const minimal = {
  sites: [{ key: 'pk_shop0001', name: 'Shop', origins: ['https://shop.example.com'], team: 'sales' }],
  teams: [{ id: 'sales', name: 'Sales' }],
};
const s3 = { endpoint: 'https://s3.example.com', bucket: 'chat-files', region: 'eu-north-1' };
const SECRET = 'wJalrXUtnFEMI-K7MDENG-bPxRfiCY';
const env = { S3_KEY: 'AKIAIOSFODNN7QRSTUVW', S3_SECRET: SECRET };
const read = (files: object) => parseConfig({ ...minimal, files }, { env });

describe('the section "files"', () => {
  it('need not be there, and changes only what it names', async () => {
    expect((await parseConfig(minimal, {})).files).toEqual(FILE_DEFAULTS);
    expect((await read({ maxFileBytes: 2_000_000, visitors: false })).files).toEqual({
      ...FILE_DEFAULTS,
      maxFileBytes: 2_000_000,
      visitors: false,
    });
  });

  it('takes the keys of an object store out of the environment', async () => {
    const keys = { accessKeyId: { env: 'S3_KEY' }, secretAccessKey: { env: 'S3_SECRET' } };
    expect((await read({ s3: { ...s3, ...keys } })).files.s3).toEqual({
      ...s3,
      accessKeyId: 'AKIAIOSFODNN7QRSTUVW',
      secretAccessKey: SECRET,
    });
  });

  it.each([
    [{ maxFileBytes: 100_000_000 }, 'files.maxFileBytes', 'is above 64000000.'],
    [{ perMinute: 0 }, 'files.perMinute', 'is below 1.'],
    [{ maxSize: 5 }, 'files.maxSize', ''],
    [{ s3: { ...s3, bucket: 'A', accessKeyId: 'a', secretAccessKey: SECRET } }, 'files.s3.bucket', 'is not the name'],
    [
      { s3: { ...s3, endpoint: 's3', accessKeyId: 'a', secretAccessKey: SECRET } },
      'files.s3.endpoint',
      'is no address',
    ],
    [{ s3: { ...s3, accessKeyId: { env: 'NOT_SET' }, secretAccessKey: SECRET } }, 'files.s3.accessKeyId', 'is not set'],
  ])('says what is wrong with %j', async (files, path, reason) => {
    const error = await read(files).catch((problem: unknown) => problem);
    if (!(error instanceof ConfigError)) throw new Error('It was taken.');
    expect(error.problems.map((one) => one.path)).toEqual([path]);
    expect(error.problems[0]?.reason).toContain(reason);
    expect(error.problems[0]?.fix).not.toBe('');
  });
});

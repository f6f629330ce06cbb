import * as v from 'valibot';
import { type Secret, secret, wholeNumber } from '../config-features.ts';
import type { S3Options } from './s3.ts';

/** What files may cost, and where they are kept. Bytes and milliseconds. */
export interface FilesConfig {
  /** Visitors may send files; staff always may. */
  visitors: boolean;
  maxFileBytes: number;
  /** Uploads of one session. */
  perMinute: number;
  bytesPerHour: number;
  /** Room of one conversation, and of one site. */
  conversationBytes: number;
  siteBytes: number;
  /** What was not sent by then is removed. */
  keepUnsentMs: number;
  /** Null: in the data folder. */
  s3: Omit<S3Options, 'now' | 'fetch'> | null;
}

const MB = 1_000_000;
const DAY = 86_400_000;

export const FILE_DEFAULTS: FilesConfig = {
  visitors: true,
  maxFileBytes: 10 * MB,
  perMinute: 5,
  bytesPerHour: 50 * MB,
  conversationBytes: 200 * MB,
  siteBytes: 20_000 * MB,
  keepUnsentMs: DAY,
  s3: null,
};

const optional = v.exactOptional;

/** The section `files`, as it stands in the configuration. */
export const filesSettings = v.strictObject({
  visitors: optional(v.boolean()),
  // A whole file is held in memory while it is looked at.
  maxFileBytes: optional(wholeNumber(1_000, 64 * MB)),
  perMinute: optional(wholeNumber(1, 1_000)),
  bytesPerHour: optional(wholeNumber(MB, 100_000 * MB)),
  conversationBytes: optional(wholeNumber(MB, 1_000_000 * MB)),
  siteBytes: optional(wholeNumber(MB, 1_000_000_000 * MB)),
  keepUnsentMs: optional(wholeNumber(60_000, 30 * DAY)),
  s3: optional(
    v.strictObject({
      endpoint: v.pipe(
        v.string(),
        v.regex(
          /^https?:\/\/[^/\s]+\/?$/,
          'is no address of a server.|Write it like "https://s3.eu-north-1.amazonaws.com".',
        ),
      ),
      bucket: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{1,62}$/, 'is not the name of a bucket.')),
      region: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/, 'is not a region.|Write it like "eu-north-1".')),
      accessKeyId: secret,
      secretAccessKey: secret,
      prefix: optional(
        v.pipe(v.string(), v.regex(/^[A-Za-z0-9/_-]{0,100}$/, 'has more than letters, digits, "/", "_" and "-".')),
      ),
    }),
  ),
});
type Settings = v.InferOutput<typeof filesSettings>;

/** Fills in what was not said. `reveal` gives the value of a secret. */
export function filesConfig({ s3, ...said }: Settings, reveal: (value: Secret, path: string) => string): FilesConfig {
  const config = { ...FILE_DEFAULTS, ...said };
  if (s3 === undefined) return config;
  return {
    ...config,
    s3: {
      ...s3,
      // A name more than a secret: as it stands it may be as short as the store likes.
      accessKeyId: typeof s3.accessKeyId === 'string' ? s3.accessKeyId : reveal(s3.accessKeyId, 'files.s3.accessKeyId'),
      secretAccessKey: reveal(s3.secretAccessKey, 'files.s3.secretAccessKey'),
    },
  };
}

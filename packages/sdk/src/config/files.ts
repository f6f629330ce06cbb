import type { Secret } from './define-config.ts';

/** What files may cost, and where they are kept. Bytes and milliseconds. */
export interface FilesInput {
  /** Visitors may send files; staff always may. @default true */
  visitors?: boolean;
  /** The largest file, up to 64,000,000. @default 10000000 */
  maxFileBytes?: number;
  /** Uploads that one visitor or agent may begin in a minute. @default 5 */
  perMinute?: number;
  /** Bytes that one of them may upload in an hour. @default 50000000 */
  bytesPerHour?: number;
  /** Room for the files of one conversation. @default 200000000 */
  conversationBytes?: number;
  /** Room for the files of one site. @default 20000000000 */
  siteBytes?: number;
  /** What was uploaded and not sent is removed after this. @default 86400000 */
  keepUnsentMs?: number;
  /** An S3-compatible object store, for several nodes. Without it files are in the folder `files` of the data folder. Read at start only. */
  s3?: {
    /** Such as `https://s3.eu-north-1.amazonaws.com`. */
    endpoint: string;
    bucket: string;
    region: string;
    accessKeyId: Secret;
    secretAccessKey: Secret;
    /** Put before the names of all objects. @default '' */
    prefix?: string;
  };
}

import { deflateRawSync, deflateSync } from 'node:zlib';
import {
  exif,
  gif,
  gifExtension,
  jpeg,
  jpegSegment,
  png,
  pngChunk,
  webp,
  webpChunk,
  webpFrame,
  webpPixels,
} from './pictures.ts';

/** A file that means harm, or breaks what reads it. What it would run calls `hacked`. */
export interface HostileFile {
  what: string;
  name: string;
  bytes: Buffer;
  /** Found in nothing that is stored, because it stood where no pixels are. */
  gone?: string;
  /** It must not be taken at all. */
  refused?: true;
}

const SCRIPT = '<script>hacked("file")</script>';
const HTML = `<!doctype html><html><body onload="hacked('onload')">${SCRIPT}<img src=x onerror="hacked('img')"></body></html>`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="hacked('svg')"><script>hacked('svg')</script></svg>`;
const XML = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x xmlns:s="http://www.w3.org/1999/xhtml"><s:script>hacked('xml')</s:script>&a;</x>`;
const text = (value: string): Buffer => Buffer.from(value);
const bom16 = (value: string): Buffer => Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(value, 'utf16le')]);

/** A ZIP of one file, with the sizes that it claims. */
function zip(name: string, content: Buffer, claims = content.length): Buffer {
  const packed = deflateRawSync(content, { level: 9 });
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(packed.length, 18);
  head.writeUInt32LE(claims, 22);
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, text(name), packed]);
}

const bomb = (): Buffer => zip('zeros', Buffer.alloc(3_000_000), 0xffff_fffe);
const pdf = (inside: string): Buffer =>
  text(
    `%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(${inside})>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF`,
  );
const mp4 = (brand: string): Buffer => Buffer.concat([Buffer.of(0, 0, 0, 20), text(`ftyp${brand}`), Buffer.alloc(400)]);
const png16 = (name: string, data: string): Buffer => pngChunk(name, text(data));

/** All of them; made by code, so that nothing of it lies about. */
export function hostileFiles(): HostileFile[] {
  const whole = png();
  return [
    // Pages and scripts under names and types of something else.
    { what: 'SVG called a PNG', name: 'logo.png', bytes: text(SVG), refused: true },
    { what: 'SVG as itself', name: 'logo.svg', bytes: text(SVG), refused: true },
    {
      what: 'SVG in gzip',
      name: 'logo.svgz',
      bytes: Buffer.concat([Buffer.of(0x1f, 0x8b), deflateSync(SVG)]),
      refused: true,
    },
    { what: 'SVG behind a byte order mark', name: 'logo.png', bytes: text(`\ufeff${SVG}`), refused: true },
    { what: 'SVG in UTF-16', name: 'logo.png', bytes: bom16(SVG), refused: true },
    { what: 'SVG behind white space as text', name: 'logo.txt', bytes: text(`\n\n   ${SVG}`) },
    { what: 'HTML as text', name: 'readme.txt', bytes: text(HTML) },
    { what: 'HTML as CSV', name: 'orders.csv', bytes: text(HTML) },
    { what: 'HTML without an ending', name: 'readme', bytes: text(HTML) },
    { what: 'HTML as itself', name: 'index.html', bytes: text(HTML), refused: true },
    { what: 'HTML with an ending in capitals', name: 'INDEX.HTM', bytes: text(HTML), refused: true },
    { what: 'HTML called a picture', name: 'cat.jpg', bytes: text(HTML), refused: true },
    { what: 'HTML called a PDF', name: 'bill.pdf', bytes: text(HTML), refused: true },
    { what: 'HTML in UTF-16 as text', name: 'readme.txt', bytes: bom16(HTML), refused: true },
    { what: 'HTML in UTF-7 as text', name: 'readme.txt', bytes: text('+ADw-script+AD4-hacked()+ADw-/script+AD4-') },
    { what: 'XHTML', name: 'page.xhtml', bytes: text(XML), refused: true },
    { what: 'XML with an entity', name: 'data.xml', bytes: text(XML), refused: true },
    { what: 'XML as text', name: 'data.txt', bytes: text(XML) },
    { what: 'a script', name: 'run.js', bytes: text('hacked("js")'), refused: true },
    { what: 'a module', name: 'run.mjs', bytes: text('hacked("mjs")'), refused: true },
    { what: 'a script as CSV', name: 'run.csv', bytes: text('hacked("csv")') },
    { what: 'a web archive', name: 'page.mhtml', bytes: text(`MIME-Version: 1.0\n\n${HTML}`), refused: true },
    { what: 'a Flash film', name: 'game.swf', bytes: Buffer.concat([text('CWS'), Buffer.alloc(60)]), refused: true },
    { what: 'a program', name: 'setup.exe', bytes: Buffer.concat([text('MZ'), Buffer.alloc(100)]), refused: true },
    {
      what: 'a program called a picture',
      name: 'me.jpg',
      bytes: Buffer.concat([text('MZ'), Buffer.alloc(100)]),
      refused: true,
    },
    { what: 'a shell script as text', name: 'run.txt', bytes: text('#!/bin/sh\nrm -rf /') },
    { what: 'a shortcut', name: 'link.url', bytes: text('[InternetShortcut]\nURL=javascript:hacked()'), refused: true },
    { what: 'an RTF with an object', name: 'letter.rtf', bytes: text('{\\rtf1{\\object\\objdata 01}}'), refused: true },
    {
      what: 'nothing that anybody knows',
      name: 'noise.bin',
      bytes: Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 131) % 256)),
      refused: true,
    },
    { what: 'zeros', name: 'zeros.txt', bytes: Buffer.alloc(100), refused: true },
    { what: 'terminal escapes as text', name: 'log.txt', bytes: text('\x1b]0;hacked\x07'), refused: true },

    // Two things in one file.
    { what: 'a PNG with a page behind it', name: 'cat.png', bytes: png({ after: text(HTML) }), gone: 'hacked' },
    {
      what: 'a PNG with an archive behind it',
      name: 'cat.png',
      bytes: png({ after: zip('a.txt', text('hacked')) }),
      gone: 'PK\x03\x04',
    },
    {
      what: 'a PNG with a page in its text',
      name: 'cat.png',
      bytes: png({ extra: [png16('tEXt', `Comment\0${HTML}`)] }),
      gone: 'hacked',
    },
    {
      what: 'a PNG with a page in its international text',
      name: 'cat.png',
      bytes: png({ extra: [png16('iTXt', `XML:com.adobe.xmp\0\0\0\0\0${XML}`)] }),
      gone: 'hacked',
    },
    {
      what: 'a PNG with text in deflate',
      name: 'cat.png',
      bytes: png({ extra: [pngChunk('zTXt', Buffer.concat([text('a\0\0'), deflateSync(Buffer.alloc(500_000))]))] }),
      gone: 'zTXt',
    },
    {
      what: 'a PNG with camera data',
      name: 'cat.png',
      bytes: png({ extra: [pngChunk('eXIf', exif(1).subarray(6))] }),
      gone: 'GPS',
    },
    {
      what: 'a PNG with a profile',
      name: 'cat.png',
      bytes: png({ extra: [png16('iCCP', `hacked\0\0${SCRIPT}`)] }),
      gone: 'hacked',
    },
    {
      what: 'a PNG with a chunk of its own',
      name: 'cat.png',
      bytes: png({ extra: [png16('phPc', '<?php hacked(); ?>')] }),
      gone: 'php',
    },
    { what: 'a JPEG with a page behind it', name: 'cat.jpg', bytes: jpeg({ after: text(HTML) }), gone: 'hacked' },
    {
      what: 'a JPEG with a script in its comment',
      name: 'cat.jpg',
      bytes: jpeg({ extra: [jpegSegment(0xfe, text(SCRIPT))] }),
      gone: 'hacked',
    },
    {
      what: 'a JPEG with a script in camera data',
      name: 'cat.jpg',
      bytes: jpeg({ extra: [jpegSegment(0xe1, exif(6, SCRIPT))] }),
      gone: 'hacked',
    },
    {
      what: 'a JPEG with XMP',
      name: 'cat.jpg',
      bytes: jpeg({ extra: [jpegSegment(0xe1, text(`http://ns.adobe.com/xap/1.0/\0${XML}`))] }),
      gone: 'hacked',
    },
    {
      what: 'a JPEG that is a script, too',
      name: 'cat.jpg',
      bytes: jpeg({ extra: [jpegSegment(0xe9, text('*/=hacked("polyglot")/*'))] }),
      gone: 'hacked',
    },
    { what: 'a GIF with a page behind it', name: 'cat.gif', bytes: gif({ after: text(HTML) }), gone: 'hacked' },
    {
      what: 'a GIF with a script in its comment',
      name: 'cat.gif',
      bytes: gif({ extra: [gifExtension(0xfe, SCRIPT)] }),
      gone: 'hacked',
    },
    {
      what: 'a GIF with XMP',
      name: 'cat.gif',
      bytes: gif({ extra: [gifExtension(0xff, 'XMP DataXMP', SVG.slice(0, 100))] }),
      gone: 'hacked',
    },
    {
      what: 'a GIF with text drawn over it',
      name: 'cat.gif',
      bytes: gif({ extra: [gifExtension(0x01, Buffer.alloc(12), SCRIPT)] }),
      gone: 'hacked',
    },
    {
      what: 'a GIF that is a Java archive, too',
      name: 'cat.gif',
      bytes: gif({ after: zip('A.class', text('hacked')) }),
      gone: 'PK\x03\x04',
    },
    {
      what: 'a GIF that is a script, too',
      name: 'cat.gif',
      bytes: text('GIF89a/*hacked*/=1;hacked("gif")'),
      refused: true,
    },
    { what: 'a WebP with a page behind it', name: 'cat.webp', bytes: webp({ after: text(HTML) }), gone: 'hacked' },
    {
      what: 'a WebP with XMP and camera data',
      name: 'cat.webp',
      bytes: webp({ flags: 0x0c, chunks: [webpPixels(), webpChunk('EXIF', exif(1)), webpChunk('XMP ', text(XML))] }),
      gone: 'hacked',
    },
    { what: 'a PDF with a script', name: 'bill.pdf', bytes: pdf('hacked()') },
    { what: 'a PDF with a page in it', name: 'bill.pdf', bytes: Buffer.concat([pdf(''), text(HTML)]) },
    {
      what: 'a sound with a page for its title',
      name: 'song.mp3',
      bytes: Buffer.concat([text('ID3\x03\0\0\0\0\x0f\x76TIT2'), text(HTML)]),
    },
    { what: 'a film with a page in it', name: 'film.mp4', bytes: Buffer.concat([mp4('isom'), text(HTML)]) },

    // Too much.
    {
      what: 'a PNG of 60,000 by 60,000',
      name: 'big.png',
      bytes: png({ width: 60_000, height: 60_000 }),
      refused: true,
    },
    {
      what: 'a PNG of 2,147,483,647 by 1',
      name: 'wide.png',
      bytes: png({ width: 2_147_483_647, height: 1 }),
      refused: true,
    },
    { what: 'a PNG of no width', name: 'none.png', bytes: png({ width: 0 }), refused: true },
    {
      what: 'a JPEG of 65,535 by 65,535',
      name: 'big.jpg',
      bytes: jpeg({ width: 65_535, height: 65_535 }),
      refused: true,
    },
    {
      what: 'a GIF of 65,535 by 65,535',
      name: 'big.gif',
      bytes: gif({ width: 65_535, height: 65_535 }),
      refused: true,
    },
    { what: 'a GIF of 10,000 frames', name: 'long.gif', bytes: gif({ frames: 10_000 }), refused: true },
    {
      what: 'a GIF of 100 frames of 10,000 by 4,000',
      name: 'heavy.gif',
      bytes: gif({ frames: 100, width: 10_000, height: 4_000 }),
      refused: true,
    },
    {
      what: 'a WebP of 16,777,216 by 1',
      name: 'wide.webp',
      bytes: webp({ flags: 0, width: 16_777_216 }),
      refused: true,
    },
    {
      what: 'a WebP of 1,000 frames',
      name: 'long.webp',
      bytes: webp({ flags: 2, chunks: Array.from({ length: 1_000 }, webpFrame) }),
      refused: true,
    },
    { what: 'a ZIP bomb', name: 'photos.zip', bytes: bomb() },
    { what: 'a ZIP bomb called a document', name: 'letter.docx', bytes: bomb() },
    { what: 'a ZIP bomb called a picture', name: 'cat.png', bytes: bomb() },
    {
      what: 'a ZIP with a name that leads elsewhere',
      name: 'photos.zip',
      bytes: zip('../../etc/cron.d/x', text('hacked')),
    },

    // Broken.
    { what: 'a PNG cut in its header', name: 'cat.png', bytes: whole.subarray(0, 20), refused: true },
    { what: 'a PNG cut in its pixels', name: 'cat.png', bytes: whole.subarray(0, whole.length - 20), refused: true },
    {
      what: 'a PNG with a chunk of 4 GB',
      name: 'cat.png',
      bytes: Buffer.concat([whole.subarray(0, 33), Buffer.of(0xff, 0xff, 0xff, 0xff), whole.subarray(37)]),
      refused: true,
    },
    {
      what: 'a PNG with a wrong checksum',
      name: 'cat.png',
      bytes: Buffer.concat([whole.subarray(0, 29), Buffer.of(1, 2, 3, 4), whole.subarray(33)]),
      refused: true,
    },
    {
      what: 'a PNG without pixels',
      name: 'cat.png',
      bytes: Buffer.concat([whole.subarray(0, 33), pngChunk('IEND', Buffer.alloc(0))]),
      refused: true,
    },
    { what: 'a JPEG cut in its pixels', name: 'cat.jpg', bytes: jpeg().subarray(0, -2), refused: true },
    {
      what: 'a JPEG with a segment of no length',
      name: 'cat.jpg',
      bytes: Buffer.concat([Buffer.of(0xff, 0xd8, 0xff, 0xe1, 0, 0), Buffer.alloc(50)]),
      refused: true,
    },
    {
      what: 'a JPEG of two headers',
      name: 'cat.jpg',
      bytes: Buffer.of(0xff, 0xd8, 0xff, 0xd8, 0xff, 0xd9),
      refused: true,
    },
    { what: 'a GIF that does not end', name: 'cat.gif', bytes: gif().subarray(0, -1), refused: true },
    { what: 'a WebP that says it is longer', name: 'cat.webp', bytes: webp().subarray(0, -4), refused: true },
    { what: 'a WebP of nothing', name: 'cat.webp', bytes: text('RIFF\x04\0\0\0WEBP'), refused: true },

    // Names.
    { what: 'a name that leads elsewhere', name: '../../../etc/passwd', bytes: png() },
    { what: 'a name that leads elsewhere on Windows', name: '..\\..\\windows\\win.ini.png', bytes: png() },
    { what: 'a name that reads backwards', name: 'photo\u202egnp.exe', bytes: png() },
    { what: 'a name with markup', name: `"><img src=x onerror=hacked(1)>.png`, bytes: png() },
    { what: 'a name with a header in it', name: 'a.png\r\nset-cookie: x=1\r\n\r\n<script>', bytes: png() },
    { what: 'a name with a zero', name: 'a.png\0.html', bytes: png() },
    { what: 'a name of a device', name: 'CON.png', bytes: png() },
    { what: 'a name of 900 letters', name: `${'a'.repeat(900)}.png`, bytes: png() },
    { what: 'a name of dots', name: '....', bytes: png() },
    { what: 'a name that hides', name: '.htaccess', bytes: png() },
    { what: 'a name of marks', name: `z${'\u0300'.repeat(300)}.png`, bytes: png() },
    { what: 'a name that cannot be seen', name: '\u200b\u2060.png', bytes: png() },
    { what: 'two endings', name: 'bill.pdf.exe', bytes: pdf('') },
  ];
}

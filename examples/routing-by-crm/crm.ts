import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { verifyRouteRequest } from '@sveiki/sdk/webhooks';
import { customers, decide } from './customers.ts';

export interface Crm {
  /** What `routing.route.url` says. */
  url: string;
  /** `silent`: it takes the question and never answers. */
  mood: 'well' | 'silent' | 'confused';
  /** How many questions it believed, and how many not. */
  readonly asked: { believed: number; refused: number };
  stop(): Promise<void>;
}

/** A CRM that says where conversations go. It believes nothing that its relay did not sign. */
export async function startCrm({ secret, port = 0 }: { secret: string; port?: number }): Promise<Crm> {
  const asked = { believed: 0, refused: 0 };
  const crm = { mood: 'well' as Crm['mood'] };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      asked.refused++;
      response.writeHead(401).end(error instanceof Error ? error.message : '');
    });
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const context = await verifyRouteRequest(secret, request.headers, await text(request));
    asked.believed++;
    if (crm.mood === 'silent') return;
    const { visitor } = context;
    const customer = visitor.verified ? customers[visitor.externalId ?? ''] : undefined;
    const decision =
      crm.mood === 'confused' ? { to: 'queue', id: 'marketing', reason: 'Campaign' } : decide(customer, context);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(decision));
  }
  await new Promise<void>((listening) => void server.listen(port, '127.0.0.1', listening));
  return Object.assign(crm, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/route`,
    asked,
    stop: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  });
}

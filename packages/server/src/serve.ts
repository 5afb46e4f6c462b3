import { serve } from '@hono/node-server';
import type { Campaign } from '@quorate/campaign';
import { QuorateError } from '@quorate/core';
import { campaignApp } from './app.js';

export interface ServeOptions {
  readonly campaign: Campaign;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** A proxy in front speaks HTTPS: needed to be reached from other machines. */
  readonly behindProxy: boolean;
  readonly onError?: (record: Readonly<Record<string, unknown>>) => void;
}

export interface Serving {
  readonly url: string;
  /** Link with which the admin comes in, for one browser. */
  readonly adminLink: () => Promise<string>;
  /** Link for so many workers. */
  readonly workerLink: (uses: number) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Serves a campaign. Throws CONFIG_INVALID for an address beyond this machine without a proxy, and for a port in use. */
export async function serveCampaign({ campaign, host, port, behindProxy, onError }: ServeOptions): Promise<Serving> {
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(host);
  if (!loopback && !behindProxy) {
    throw new QuorateError('CONFIG_INVALID', {
      where: `--host ${host}`,
      expected: 'an address of this machine alone: without HTTPS anybody on the way could read the tokens',
      got: 'one that other machines reach',
      fix: 'Put a proxy with HTTPS in front and add --behind-proxy.',
    });
  }
  const { app, access } = campaignApp({ campaign, secure: behindProxy, ...(onError ? { onError } : {}) });
  const server = await new Promise<ReturnType<typeof serve>>((ready, failed) => {
    const listening = serve({ fetch: app.fetch, hostname: host, port }, () => ready(listening));
    listening.once('error', (cause: NodeJS.ErrnoException) =>
      failed(
        new QuorateError('CONFIG_INVALID', {
          where: `--port ${port}`,
          expected: 'a port that is free',
          got: cause.message,
          fix: 'Name another --port.',
          cause,
        }),
      ),
    );
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
  return {
    url,
    adminLink: async () => `${url}/join#${await access.invite({ role: 'admin', name: 'admin', uses: 1, days: 1 })}`,
    workerLink: async (uses) => `${url}/join#${await access.invite({ role: 'worker', name: null, uses, days: 30 })}`,
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      // Streams of events never end by themselves.
      if ('closeAllConnections' in server) setTimeout(() => server.closeAllConnections(), 500).unref();
      await closed;
    },
  };
}

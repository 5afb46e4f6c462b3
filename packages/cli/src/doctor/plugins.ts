import { findPlugins, type Found, type PrepareRequest } from '@quorate/host';

/** The plugins of a run here; the built-in ones, and why, where the configuration cannot be read. */
export async function pluginsOf(request: PrepareRequest): Promise<{ found: Found; thrown?: unknown }> {
  try {
    return { found: await findPlugins(request) };
  } catch (thrown) {
    return { found: await findPlugins({ ...request, useFile: false, overrides: [], env: {} }), thrown };
  }
}

import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What decides whether a newer version is looked for: the environment, the words of the command, and who reads. */
export interface Occasion {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly words: readonly string[];
  readonly terminal: boolean;
}

/** Only for a person at a terminal who has not opted out; never for scripts, CI and `--json`. */
export function updateNoticeWanted({ env, words, terminal }: Occasion): boolean {
  if (!terminal || words.includes('--json')) return false;
  return !['NO_UPDATE_NOTIFIER', 'CI', 'CONTINUOUS_INTEGRATION'].some((name) => (env[name] ?? '') !== '');
}

/**
 * Says on standard error that there is a newer version, if one was found at an earlier call. Once a day a process of its own
 * asks the registry, and nobody waits for it. Nothing that goes wrong here is reported: the command has done its work.
 */
export async function noticeUpdate(pkg: { readonly name: string; readonly version: string }): Promise<void> {
  try {
    // update-notifier asks for sudo where it cannot keep what it found. We do without the notice there.
    const place = join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'configstore');
    mkdirSync(place, { recursive: true });
    accessSync(place, constants.W_OK);
    const { default: updateNotifier } = await import('update-notifier');
    updateNotifier({ pkg: { ...pkg } }).notify({ defer: false });
  } catch {
    return;
  }
}

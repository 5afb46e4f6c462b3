import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, describe, expect, it } from 'vitest';
import { backUpCampaign, restoreCampaign } from './backup.js';
import { answerAll, answerOf, cleanUp, newCampaign, newFolder, open } from './crowd.fixture.js';

afterEach(cleanUp);

describe('a backup', () => {
  it('is the campaign at its moment, also while people answer', async () => {
    const folder = newCampaign(20);
    const file = join(newFolder(), 'backup.db');
    await using campaign = await open(folder);
    const { questions } = await campaign.next('ann', 5);
    for (const { lease, task } of questions)
      await campaign.answer({ worker: 'ann', lease, label: answerOf('ann', task) });
    await campaign.step();
    const then = await campaign.csv();
    const answering = answerAll(campaign, ['ann', 'bob']);
    expect(backUpCampaign(folder, file)).toMatchObject({ files: ['campaign.yaml', 'tasks.csv'], leftOut: [] });
    await answering;
    expect((await campaign.status()).answers).toBeGreaterThan(5);
    const place = join(newFolder(), 'restored');
    expect(restoreCampaign(file, place)).toMatchObject({ answers: 5 });
    expect(
      readdirSync(place)
        .filter((name) => !/-(wal|shm)$/.test(name))
        .sort(),
    ).toEqual(['campaign.db', 'campaign.yaml', 'tasks.csv']);
    await using restored = await open(place);
    expect(await restored.csv()).toEqual(then);
    await answerAll(restored, ['ann', 'bob']);
    // A second one replaces the first.
    backUpCampaign(folder, file);
    expect(readdirSync(join(file, '..'))).toEqual(['backup.db']);
    expect(restoreCampaign(file, join(newFolder(), 'again')).answers).toBeGreaterThan(5);
  });

  it('is refused where it is none, damaged, or would overwrite', () => {
    const folder = newCampaign(4);
    const file = join(newFolder(), 'backup.db');
    expect(() => backUpCampaign(newFolder(), file)).toThrow(/RUN_FOLDER/);
    writeFileSync(file, 'no database');
    expect(() => restoreCampaign(file, join(folder, 'x'))).toThrow(/DATA_INVALID.*not a database/);
    expect(() => restoreCampaign(`${file}.none`, join(folder, 'x'))).toThrow(/DATA_INVALID.*no such file/);
    expect(() => restoreCampaign(file, folder)).toThrow(/OUTPUT_TAKEN/);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  it('is refused with a file in it that would leave the folder, or cut short', async () => {
    const folder = newCampaign(200);
    await (await open(folder)).dispose();
    const file = join(newFolder(), 'backup.db');
    backUpCampaign(folder, file);
    const whole = readFileSync(file);
    const db = new Database(file);
    db.prepare('INSERT INTO backup_file VALUES (?, ?)').run('../evil', Buffer.from('x'));
    db.close();
    expect(() => restoreCampaign(file, join(folder, 'x'))).toThrow(/DATA_INVALID.*evil/);
    writeFileSync(file, whole.subarray(0, whole.length >> 1));
    expect(() => restoreCampaign(file, join(folder, 'x'))).toThrow(/DATA_INVALID/);
  });
});

// The bot in each cloud: whom it believes, and what its own token is asked for.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cloudNames, clouds } from '../../shared/model/cloud.ts';
import { createBot } from '../../shared/teams/bot.ts';
import { notice } from '../../shared/teams/cards/notice.ts';
import type { Teams } from '../support/teams.ts';
import { bodyOf, startTeams } from '../support/teams.ts';

/** A bot of its own: the identity library keeps the tokens of each for the whole process. */
const BOT = '2b1f6a90-3333-4333-8333-0123456789ab';

let teams: Teams;
beforeAll(async () => {
  teams = await startTeams(undefined, BOT);
});
afterAll(() => teams.close());

test.each(cloudNames)(
  '%s: tokens of its own bot service are believed, those of the other clouds are not',
  async (name) => {
    const authority = { ...clouds[name].bot, openIdMetadataUrl: teams.authority.metadataUrl };
    teams.identity.asked.length = 0;
    const bot = createBot({ ...teams.botOptions, authority });
    const answers: Record<string, number> = {};
    for (const other of cloudNames) {
      const token = teams.authority.token({ ...teams.claims(), iss: clouds[other].bot.issuer });
      const body = bodyOf(JSON.stringify(teams.activity()));
      answers[other] = (await bot.handle({ authorization: `Bearer ${token}`, body })).status;
    }
    expect(answers).toEqual({ ...Object.fromEntries(cloudNames.map((other) => [other, 401])), [name]: 200 });
    expect(await bot.chat.post(teams.address(), notice('hello'))).toMatchObject({ status: 'sent' });
    expect(new Set(teams.identity.asked.map(({ clientId, resource }) => `${clientId} ${resource}`))).toEqual(
      new Set([`${BOT} ${clouds[name].bot.scope}`]),
    );
  },
);

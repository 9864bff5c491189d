// `ack` and `unack`: somebody takes care of an alert, or no longer does.
import type { AlertEvent } from '../../alerts/alert.ts';
import type { AlertService, AlertView } from '../../alerts/alert-service.ts';
import { clusterSubject, subjectsMeant } from '../../model/finding.ts';
import type { CardMessage } from '../../ports.ts';
import { acknowledged } from '../cards/alert-list.ts';
import { button, usable } from '../cards/parts/elements.ts';
import { topicOf } from '../cards/parts/event.ts';
import { notice } from '../cards/notice.ts';
import type { BotServices } from '../bot-services.ts';
import type { Command } from './command.ts';
import { MOST_LOOKED_THROUGH, lookedThrough } from './baseline.ts';
import { misunderstood, quote } from './typed.ts';

const MAX_CHOICES = 5;

const noAlert = (wanted: string): CardMessage =>
  notice(
    `There is no open alert ${quote(wanted)}`,
    [
      'It may be resolved by now. “alerts” lists those that are open, each with its id.',
      `Of the baseline, the first ${MOST_LOOKED_THROUGH} failures were looked through; the HTTP API knows all of them.`,
    ],
    [button('Alerts', 'alerts')],
  );

/** @returns true for an alert about what is called so; about a whole cluster, that is the cluster's name */
function isAbout({ subject = clusterSubject, clusterName }: AlertEvent, wanted: string): boolean {
  if (subject === clusterSubject && clusterName.toLowerCase() === wanted.toLowerCase()) return true;
  return subjectsMeant([subject], wanted).length > 0;
}

/** @returns the baseline failures that are meant; of those about an object, no more than can be chosen from */
async function inBaseline(alerts: AlertService, wanted: string): Promise<readonly AlertView[]> {
  const about: AlertView[] = [];
  for await (const alert of lookedThrough(alerts)) {
    if (alert.id === wanted.toLowerCase()) return [alert];
    if (about.length < MAX_CHOICES && isAbout(alert.event, wanted)) about.push(alert);
  }
  return about;
}

/**
 * @param wanted the id of an alert, or what cards call the object that it is about
 * @param again makes the command to run, from the id of the alert that turns out to be meant
 * @returns the one open alert that is meant, or the card that asks which
 */
async function pickAlert(
  { alerts }: BotServices,
  wanted: string,
  again: (id: string) => string,
): Promise<{ readonly alert: AlertView } | { readonly reply: CardMessage }> {
  const all = await alerts.alerts();
  const named = all.filter(({ id }) => id === wanted.toLowerCase());
  const told = named.length > 0 ? named : all.filter(({ event }) => isAbout(event, wanted));
  const found = told.length > 0 ? told : await inBaseline(alerts, wanted);
  const [alert] = found;
  if (!alert) return { reply: noAlert(wanted) };
  if (found.length === 1) return { alert };
  const choices = found.slice(0, MAX_CHOICES);
  return {
    reply: notice(
      `${found.length} open alerts are about ${quote(wanted)}`,
      choices.map(({ id, event }) => `${id}: ${topicOf(event)}`),
      usable(choices.map(({ id }) => button(id, again(id)))),
    ),
  };
}

export const ack: Command = {
  name: 'ack',
  usage: 'ack ID|SUBJECT [COMMENT]',
  example: 'ack 3fa9c1 rolling it back',
  help: 'Acknowledge an alert: you hear of it again only when it changes. SUBJECT is what cards call the object that it is about.',
  group: 'act',
  operators: 'acknowledge alerts',
  async run(args, services, { from }) {
    const [wanted = '', ...words] = args.trim().split(/\s+/);
    const comment = words.join(' ');
    if (wanted === '') return misunderstood(ack, ['It does not say which alert.']);
    const picked = await pickAlert(services, wanted, (id) => `ack ${id} ${comment}`.trim());
    if ('reply' in picked) return picked.reply;
    const { alert } = picked;
    const outcome = await services.alerts.acknowledge(alert.id, from.name, ...(comment === '' ? [] : [comment]));
    if (outcome === 'unknown') return noAlert(alert.id);
    const name = topicOf(alert.event);
    if (outcome === 'already') {
      const now = (await services.alerts.alerts()).find(({ id }) => id === alert.id) ?? alert;
      return notice(`Already taken care of: ${name}`, now.ack ? [acknowledged(now.ack)] : []);
    }
    return notice(
      `${quote(from.name)} acknowledged: ${name}`,
      ['You hear of it again only when it changes.', ...(comment === '' ? [] : [`Comment: ${quote(comment)}`])],
      [button('Take it back', `unack ${alert.id}`)],
    );
  },
};

export const unack: Command = {
  name: 'unack',
  usage: 'unack ID|SUBJECT',
  example: 'unack 3fa9c1',
  help: 'Take an acknowledgement back.',
  group: 'act',
  operators: 'take acknowledgements back',
  async run(args, services, { from }) {
    const [wanted = '', ...words] = args.trim().split(/\s+/);
    if (wanted === '') return misunderstood(unack, ['It does not say which alert.']);
    if (words.length > 0) return misunderstood(unack, [`${quote(words.join(' '))} is too much: one alert at a time.`]);
    const picked = await pickAlert(services, wanted, (id) => `unack ${id}`);
    if ('reply' in picked) return picked.reply;
    const { id, event, baseline } = picked.alert;
    const outcome = await services.alerts.unacknowledge(id, from.name);
    if (outcome === 'unknown') return noAlert(id);
    const name = topicOf(event);
    return outcome === 'done'
      ? notice(`${quote(from.name)} took the acknowledgement back: ${name}`, [
          baseline
            ? 'It is part of the baseline: it is listed, and posted nowhere.'
            : 'You hear of it again for as long as it lasts.',
        ])
      : notice(`Nobody had acknowledged: ${name}`);
  },
};

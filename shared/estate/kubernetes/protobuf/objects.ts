// What is read of objects that come as protocol buffers: field numbers from `generated.proto` of k8s.io/api/core/v1 and k8s.io/apimachinery, which never change.
import { flag, many, map, message, number, one, optionalFlag, optionalNumber, text, texts, time } from './fields.ts';

export const typeMeta = message({ 1: text('apiVersion'), 2: text('kind') });

/** `ListMeta` */
export const listMeta = message({ 2: text('resourceVersion'), 3: text('continue') });

/** `Status`: why a request was refused. */
export const statusMessage = message({ 3: text('message') });

const ownerReference = message({ 1: text('kind'), 3: text('name'), 6: optionalFlag('controller') });

const objectMeta = message({
  1: text('name'),
  3: text('namespace'),
  9: time('deletionTimestamp'),
  10: optionalNumber('deletionGracePeriodSeconds'),
  11: map('labels'),
  13: many('ownerReferences', ownerReference),
});

const containerPort = message({
  1: text('name'),
  2: number('hostPort'),
  3: number('containerPort'),
  4: text('protocol'),
});

const container = message({
  3: texts('command'),
  4: texts('args'),
  6: many('ports', containerPort),
  7: many('env', message({ 1: text('name'), 2: text('value') })),
  24: text('restartPolicy'),
});

const podSpec = message({
  2: many('containers', container),
  7: map('nodeSelector'),
  8: text('serviceAccountName'),
  10: text('nodeName'),
  11: flag('hostNetwork'),
  20: many('initContainers', container),
  21: optionalFlag('automountServiceAccountToken'),
  36: one('os', message({ 1: text('name') })),
});

const podStatus = message({ 1: text('phase'), 6: text('podIP'), 12: many('podIPs', message({ 1: text('ip') })) });

/** A pod, as far as policies and rules depend on it: what `slimmer` keeps, and what it looks at. */
export const podMessage = message({
  1: one('metadata', objectMeta),
  2: one('spec', podSpec),
  3: one('status', podStatus),
});

/** A node likewise: most of a real one is the list of its images. */
export const nodeMessage = message({
  1: one('metadata', objectMeta),
  2: one('spec', message({ 1: text('podCIDR'), 7: texts('podCIDRs') })),
  3: one('status', message({ 5: many('addresses', message({ 1: text('type'), 2: text('address') })) })),
});

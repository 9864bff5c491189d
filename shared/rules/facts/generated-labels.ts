// Labels that Kubernetes' controllers put on pods.

/** Each rollout or run gets other values of these. */
export const changingLabels: readonly string[] = [
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
];

/** Pods of a StatefulSet and of a Job keep these, but each pod or Job has others. */
const OF_ONE = /^(job-name|statefulset\.kubernetes\.io\/.*|apps\.kubernetes\.io\/pod-index|batch\.kubernetes\.io\/.*)$/;

/** @returns false for a label that the owner of the pods wrote */
export const isGenerated = (key: string): boolean => changingLabels.includes(key) || OF_ONE.test(key);

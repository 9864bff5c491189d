// Answers of an API server that are not objects: a Status in the words of the real one.

export interface ApiAnswer {
  readonly status: number;
  /** A Kubernetes object, or plain text. */
  readonly body: unknown;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** @param details name, group and kind of what it is about, or causes */
export const status = (code: number, reason: string, message: string, details?: object): ApiAnswer => ({
  status: code,
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details ? { details } : {}),
    code,
  },
});

/** What no handler knows is answered as text. */
export const notThere: ApiAnswer = { status: 404, body: '404 page not found\n' };

/** API Priority and Fairness refuses in text as well (kubernetes/apiserver, filters/priority-and-fairness). */
export const throttled: ApiAnswer = {
  status: 429,
  body: 'Too many requests, please try again later.\n',
  retryAfter: 1,
};

export const badRequest = (message: string): ApiAnswer => status(400, 'BadRequest', message);

/** Query parameters of a list that do not go together. */
export function invalidOptions(field: string, message: string): ApiAnswer {
  const cause = { reason: 'FieldValueForbidden', message: `Forbidden: ${message}`, field };
  const details = { group: 'meta.k8s.io', kind: 'ListOptions', causes: [cause] };
  return status(422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: ${field}: Forbidden: ${message}`, details);
}

export const gone = (message: string): ApiAnswer => status(410, 'Expired', message);

export function versionToCome(asked: number, current: number): ApiAnswer {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  const message = `Timeout: Too large resource version: ${asked}, current: ${current}`;
  return { ...status(504, 'Timeout', message, { causes, retryAfterSeconds: 1 }), retryAfter: 1 };
}

// Lists in sentences: what somebody else can make long is cut short.
const SHOWN = 5;

/** @returns `a, b and 3 more` */
export const listed = (names: readonly string[], most = SHOWN): string =>
  names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ');

// Ends as people write them: in tags, annotations and chat alike.

/**
 * @param text a day `2026-12-01`, meant to its end in UTC, or a moment `2026-12-01T10:00Z`
 * @returns undefined for what is neither, and for a day that does not exist
 */
export function parseEnd(text: string): Date | undefined {
  const day = /^\d{4}-\d\d-\d\d$/.test(text);
  if (!day && !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/i.test(text)) return undefined;
  const end = new Date(day ? `${text}T23:59:59Z` : text.toUpperCase());
  return Number.isNaN(end.getTime()) || !end.toISOString().startsWith(text.slice(0, 10)) ? undefined : end;
}

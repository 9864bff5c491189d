// Patterns as people write them: `*` stands for any text.

/** @returns a function that tells whether a text matches; without `*` only the very same text does */
export function compilePattern(pattern: string): (text: string) => boolean {
  const parts = pattern.split(/\*+/);
  if (parts.length === 1) return (text) => text === pattern;
  const [first, last] = [parts[0]!, parts.at(-1)!];
  const middle = parts.slice(1, -1);
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const inner = text.slice(first.length, text.length - last.length);
    let at = 0;
    return middle.every((part) => {
      const found = inner.indexOf(part, at);
      at = found + part.length;
      return found !== -1;
    });
  };
}

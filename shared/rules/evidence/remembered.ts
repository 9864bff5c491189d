// Thousands of pods are alike: what is the same for all of them is worked out once.

/**
 * @param keyOf the same for those classes of pods that have the same answer
 * @returns a function that answers for a class, and works each answer out when it is first asked for
 */
export function remembered<T>(
  keyOf: (index: number) => number | string,
  answer: (index: number) => T,
): (index: number) => T {
  const known = new Map<number | string, { readonly answer: T }>();
  return (index) => {
    const key = keyOf(index);
    const found = known.get(key) ?? { answer: answer(index) };
    known.set(key, found);
    return found.answer;
  };
}

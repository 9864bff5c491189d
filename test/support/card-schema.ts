// The part of Adaptive Cards 1.5 that cards are made of, strictly: a misspelt property is silently ignored by clients.
import { z } from 'zod';

const spacing = z.enum(['none', 'small', 'default', 'medium', 'large']).optional();
const color = z.enum(['default', 'good', 'warning', 'attention', 'accent']).optional();
const separator = z.boolean().optional();
const chartColor = z.enum(['attention', 'warning', 'good', 'neutral', 'categoricalBlue']);

const run = z.strictObject({
  type: z.literal('TextRun'),
  text: z.string(),
  size: z.enum(['small', 'default', 'medium', 'large', 'extraLarge']).optional(),
  weight: z.literal('bolder').optional(),
  color,
  isSubtle: z.boolean().optional(),
  fontType: z.literal('monospace').optional(),
});
const textBlock = z.strictObject({ type: z.literal('RichTextBlock'), inlines: z.array(run).length(1), spacing });
const point = z.strictObject({ x: z.string(), y: z.number() });

const element: z.ZodType = z.lazy(() => z.discriminatedUnion('type', [textBlock, container, columnSet, ...special]));
const container = z.strictObject({
  type: z.literal('Container'),
  items: z.array(element).min(1),
  style: z.enum(['emphasis', 'warning']).optional(),
  separator,
  spacing,
});
const columnSet = z.strictObject({
  type: z.literal('ColumnSet'),
  columns: z
    .array(
      z.strictObject({
        type: z.literal('Column'),
        width: z.string().regex(/^(auto|stretch|\d)$/),
        items: z.array(element).min(1),
      }),
    )
    .min(1),
});
/** Each with something plain in its place where it is not supported. */
const special = [
  z.strictObject({
    type: z.literal('CodeBlock'),
    language: z.literal('PlainText'),
    codeSnippet: z.string(),
    spacing,
    fallback: container,
  }),
  z.strictObject({
    type: z.literal('Chart.Donut'),
    title: z.string(),
    data: z.array(z.strictObject({ legend: z.string(), value: z.number(), color: chartColor })),
    fallback: columnSet,
  }),
  z.strictObject({
    type: z.literal('Chart.Line'),
    title: z.string(),
    xAxisTitle: z.string(),
    yAxisTitle: z.string(),
    data: z.array(z.strictObject({ legend: z.string(), color: chartColor, values: z.array(point).min(2) })).min(1),
    fallback: container,
  }),
] as const;

const action = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('Action.Submit'),
    title: z.string().min(1).max(60),
    data: z.strictObject({ verb: z.literal('command'), command: z.string().min(1).max(1_000) }),
  }),
  z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string().min(1), url: z.url({ protocol: /^https$/ }) }),
]);

export const cardSchema = z.strictObject({
  type: z.literal('AdaptiveCard'),
  $schema: z.string(),
  version: z.literal('1.5'),
  msteams: z.strictObject({ width: z.literal('Full') }),
  body: z.array(element).min(1),
  actions: z.array(action).min(1).max(6).optional(),
});

/** @returns every text of a card in reading order, without what lets long words break, and the commands of its buttons by title; throws when it is not a card */
export function readCard(card: unknown): { readonly texts: string[]; readonly buttons: Record<string, string> } {
  const { actions = [] } = cardSchema.parse(card);
  const texts: string[] = [];
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(collect);
    else if (value !== null && typeof value === 'object') {
      const { text, ...rest } = value as Record<string, unknown>;
      if (typeof text === 'string') texts.push(text.replaceAll('\u200b', ''));
      Object.values(rest).forEach(collect);
    }
  };
  collect((card as { body: unknown }).body);
  const buttons = Object.fromEntries(
    actions.map((one) => [one.title, one.type === 'Action.Submit' ? one.data.command : one.url]),
  );
  return { texts, buttons };
}

// Colours that mean the same on every card.
import type { Severity, Verdict } from '../../../model/verdict.ts';

export type Color = 'default' | 'good' | 'warning' | 'attention' | 'accent';

export const verdictColor: Readonly<Record<Verdict, Color>> = {
  fail: 'attention',
  unknown: 'warning',
  exempt: 'accent',
  pass: 'good',
  notApplicable: 'default',
};

export const severityColor: Readonly<Record<Severity, Color>> = {
  high: 'attention',
  medium: 'warning',
  low: 'accent',
  info: 'default',
};

export const chartColor: Readonly<Record<Verdict, string>> = {
  fail: 'attention',
  unknown: 'warning',
  exempt: 'categoricalBlue',
  pass: 'good',
  notApplicable: 'neutral',
};

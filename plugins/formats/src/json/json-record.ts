import type { ClassLabel } from '@quorate/core';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An id as a string; undefined for what is none: nothing, an object, an integer too long for JSON numbers to be exact. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? String(value) : undefined;
}

/** One label: a string, number or boolean, or a list of one. Null is a skip; undefined for what is no label. */
export function labelOf(value: unknown): ClassLabel | null | undefined {
  if (Array.isArray(value)) return value.length === 0 ? null : value.length === 1 ? labelOf(value[0]) : undefined;
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Seconds that an answer took: NaN where there are none, null for what are none. */
export function secondsOf(value: unknown): number | null {
  if (value === undefined || value === null || value === '') return NaN;
  const seconds = typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN;
  return seconds >= 0 && seconds < Infinity ? seconds : null;
}

/** An id as JSON holds ids: a number where it is the usual spelling of one, so that tools which count find theirs. */
export function idJson(id: string): string {
  return /^(0|[1-9]\d{0,14})$/.test(id) ? id : JSON.stringify(id);
}

// What values are of which type. apps/kernels/kernel_sheet_text.py reads them so; tests/fixtures/sheets holds both to it.
// Pure.

import type { ColumnType } from "./sheet_text";

const NUMBER = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,6})?)?)?$/;
const BOOLEAN = /^(?:true|false)$/i;
// 007 is a name rather than a number.
const NAME = /^[+-]?0[0-9]/;

/** Whether the text is a value of the type; nothing is one of each. */
export function isOfType(text: string, type: ColumnType): boolean {
  const bare = text.replace(/^[ \t]+|[ \t]+$/g, "");
  if (text === "") return true;
  switch (type) {
    case "text":
      return true;
    case "number":
      return NUMBER.test(bare);
    case "date":
      return isDate(bare);
    case "boolean":
      return BOOLEAN.test(bare);
  }
}

/** The type that all of the texts have. */
export function typeOf(texts: readonly string[]): ColumnType {
  const told = texts.filter((text) => text !== "");
  if (told.length === 0 || told.some((text) => NAME.test(text))) return "text";
  return (["number", "date", "boolean"] as const).find((type) => told.every((text) => isOfType(text, type))) ?? "text";
}

function isDate(text: string): boolean {
  const match = DATE.exec(text);
  if (!match) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map((part) => Number(part ?? 0));
  const isTime = hour < 24 && minute < 60 && second < 60;
  return isTime && year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return isLeap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

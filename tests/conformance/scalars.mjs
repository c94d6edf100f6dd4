// The custom scalars of the endpoints as the server reads them and words its errors; of others it
// takes every value but lists and objects.
import * as graphql from 'graphql';

const timePattern =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;
const firstMicros = -62167219200000000n; // of the year 0
const lastMicros = 253402300799999999n; // of the year 9999

// Microseconds since 1970 of an RFC 3339 text; undefined where it is none.
function micros(text) {
  const match = timePattern.exec(text);
  if (!match) {
    return undefined;
  }
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day ||
      hour > 23 || minute > 59 || second > 59) {
    return undefined;
  }
  date.setUTCHours(hour, minute, second);
  const fraction = BigInt((match[7] ?? '').padEnd(6, '0').slice(0, 6));
  const minutes = Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0);
  const away = BigInt(match[8] === '-' ? -minutes : minutes);
  const value = BigInt(date.getTime()) * 1000n + fraction - away * 60000000n;
  return value < firstMicros || value > lastMicros ? undefined : value;
}

// ISO 8601; the smallest component may have a fraction.
const isDuration = (text) =>
  /^P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/
    .test(text.replace(/(\d)[.,]\d+(?=[WYMDHS]$)/, '$1'));

const customScalars = {
  Time: {
    read: (text) => micros(text) === undefined ? undefined : { micros: String(micros(text)) },
    complaint: 'Time must be an RFC 3339 date-time such as 2026-01-31T12:00:00Z',
  },
  Duration: {
    read: (text) => (isDuration(text) ? text : undefined),
    complaint: 'Duration must be an ISO 8601 duration such as PT1H30M',
  },
};

// Teaches a schema of graphql-js the custom scalars that it has.
export function teachScalars(schema) {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!graphql.isScalarType(type) || graphql.isSpecifiedScalarType(type)) {
      continue;
    }
    const { name } = type;
    const scalar = customScalars[name];
    if (!scalar) {
      const { coerceInputValue } = type;
      type.coerceInputValue = (value) => {
        if (typeof value === 'object') {
          throw new Error(`${name} must be a string`);
        }
        return coerceInputValue(value);
      };
      type.coerceInputLiteral = (node) => {
        if (node.kind === graphql.Kind.LIST || node.kind === graphql.Kind.OBJECT) {
          throw new Error(`${name} must be a string`);
        }
        return coerceInputValue(graphql.valueFromASTUntyped(node));
      };
      continue;
    }
    type.coerceInputValue = (value) => {
      if (typeof value !== 'string') {
        throw new Error(`${name} must be a string`);
      }
      const read = scalar.read(value);
      if (read === undefined) {
        throw new Error(scalar.complaint);
      }
      return read;
    };
    type.coerceInputLiteral = (node) => {
      if (node.kind !== graphql.Kind.STRING) {
        throw new Error(`${name} must be a string`);
      }
      return type.coerceInputValue(node.value);
    };
    type.parseValue = type.coerceInputValue;
    type.parseLiteral = type.coerceInputLiteral;
  }
}

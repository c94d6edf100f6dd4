// What graphql-js makes of a document: the other side of conformance_probe.
import { readFileSync } from 'node:fs';
import * as graphql from 'graphql';

// @defer and @stream are not in the September 2025 edition, nor is a limit on introspection.
const notInEdition = new Set([
  'DeferStreamDirectiveOnRootFieldRule',
  'DeferStreamDirectiveOnValidOperationsRule',
  'DeferStreamDirectiveLabelRule',
  'StreamDirectiveOnListFieldRule',
  'MaxIntrospectionDepthRule',
]);
export const rules = graphql.specifiedRules.filter((rule) => !notInEdition.has(rule.name));

const timePattern =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

function isTime(text) {
  const match = timePattern.exec(text);
  if (!match) {
    return false;
  }
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day &&
    hour < 24 && minute < 60 && second < 60;
}

const isDuration = (text) =>
  /^P(?=.)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)$/.test(text);

// The custom scalars as our server words their errors.
const customScalars = {
  Time: { is: isTime, complaint: 'Time must be an RFC 3339 date-time such as 2026-01-31T12:00:00Z' },
  Duration: { is: isDuration, complaint: 'Duration must be an ISO 8601 duration such as PT1H30M' },
};

export function buildSchema(file) {
  const schema = graphql.buildSchema(readFileSync(file, 'utf8'));
  for (const [name, scalar] of Object.entries(customScalars)) {
    const type = schema.getType(name);
    if (!type) {
      continue;
    }
    type.coerceInputValue = (value) => {
      if (typeof value !== 'string') {
        throw new Error(`${name} must be a string`);
      }
      if (!scalar.is(value)) {
        throw new Error(scalar.complaint);
      }
      return value;
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
  return schema;
}

const plain = (errors) =>
  errors.map((error) => ({
    message: error.message,
    locations: (error.locations ?? []).map(({ line, column }) => [line, column]),
  }));

// The same answer as conformance_probe's; `hits`, when given, counts errors by rule.
export function check(schema, query, variables, hits) {
  let document;
  try {
    document = graphql.parse(query);
  } catch (error) {
    return { phase: 'parse', errors: plain([error]) };
  }
  const counting = hits === undefined ? rules : rules.map((rule) => counted(rule, hits));
  const errors = graphql.validate(schema, document, counting);
  if (errors.length > 0) {
    return { phase: 'validate', errors: plain(errors) };
  }
  const operation = document.definitions.find(({ kind }) => kind === 'OperationDefinition');
  if (!operation) {
    return { phase: 'ok', errors: [] };
  }
  const values = graphql.getVariableValues(
    schema, operation.variableDefinitions ?? [], variables ?? {}, { maxErrors: 50 });
  return values.errors
    ? { phase: 'variables', errors: plain(values.errors) }
    : { phase: 'ok', errors: [] };
}

function counted(rule, hits) {
  return (context) =>
    rule(new Proxy(context, {
      get(target, key) {
        if (key === 'reportError') {
          return (error) => {
            hits.set(rule.name, (hits.get(rule.name) ?? 0) + 1);
            target.reportError(error);
          };
        }
        const value = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }));
}

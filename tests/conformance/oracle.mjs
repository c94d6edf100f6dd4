// What graphql-js makes of a document: the other side of conformance_probe, with the same answers.
import { readFileSync } from 'node:fs';
import * as graphql from 'graphql';

import { teachScalars } from './scalars.mjs';

// @defer and @stream are not in the September 2025 edition, nor is a limit on introspection.
const notInEdition = new Set([
  'DeferStreamDirectiveOnRootFieldRule',
  'DeferStreamDirectiveOnValidOperationsRule',
  'DeferStreamDirectiveLabelRule',
  'StreamDirectiveOnListFieldRule',
  'MaxIntrospectionDepthRule',
]);
export const rules = graphql.specifiedRules.filter((rule) => !notInEdition.has(rule.name));

// The edition knows no empty selection sets.
const options = { allowEmptySelectionSets: false };

export const parse = (text) => graphql.parse(text, options);

export function buildSchema(file) {
  const schema = graphql.buildSchema(readFileSync(file, 'utf8'));
  teachScalars(schema);
  return schema;
}

const plain = (errors) =>
  errors.map((error) => ({
    message: error.message,
    locations: (error.locations ?? []).map(({ line, column }) => [line, column]),
  }));

function attempt(parsed) {
  try {
    return { document: parsed() };
  } catch (error) {
    return { refusal: { phase: 'parse', errors: plain([error]) } };
  }
}

const firstOperation = (document) =>
  document.definitions.find(({ kind }) => kind === graphql.Kind.OPERATION_DEFINITION);

// Parses and validates; what is valid gets its variables and the arguments of its root fields
// coerced. `hits`, when given, counts errors by rule.
export function check(schema, query, variables, { hits, hideSuggestions = false } = {}) {
  const { document, refusal } = attempt(() => parse(query));
  if (refusal) {
    return refusal;
  }
  const errors = graphql.validate(
    schema, document, hits === undefined ? rules : rules.map((rule) => counted(rule, hits)),
    { ...options, hideSuggestions });
  if (errors.length > 0) {
    return { phase: 'validate', errors: plain(errors) };
  }
  const operation = firstOperation(document);
  return operation
    ? run(schema, document, operation, variables, hideSuggestions)
    : { phase: 'ok', errors: [] };
}

// Parses, and coerces the variables of the first operation, valid or not.
export function coerce(schema, query, variables, { hideSuggestions = false } = {}) {
  const { document, refusal } = attempt(() => parse(query));
  if (refusal) {
    return refusal;
  }
  return coerced(schema, firstOperation(document), variables, hideSuggestions).answer;
}

// graphql-js's text of a document.
export function reprint(query) {
  const { document, refusal } = attempt(() => parse(query));
  return refusal ?? { phase: 'ok', errors: [], text: graphql.print(document) };
}

function coerced(schema, operation, variables, hideSuggestions) {
  const values = graphql.getVariableValues(
    schema, operation.variableDefinitions ?? [], variables ?? {}, { maxErrors: 50, hideSuggestions });
  return values.errors
    ? { answer: { phase: 'variables', errors: plain(values.errors) } }
    : { values: values.variableValues,
        answer: { phase: 'ok', errors: [], values: sorted(values.variableValues.coerced) } };
}

function run(schema, document, operation, variables, hideSuggestions) {
  const { answer, values } = coerced(schema, operation, variables, hideSuggestions);
  if (!values) {
    return answer;
  }
  const root = schema.getRootType(operation.operation);
  answer.arguments = [];
  for (const selection of operation.selectionSet.selections) {
    const field = selection.kind === graphql.Kind.FIELD && schema.getField(root, selection.name.value);
    if (!field || selection.name.value.startsWith('__')) {
      continue;
    }
    try {
      answer.arguments.push(
        sorted(graphql.getArgumentValues(field, selection, values, undefined, hideSuggestions)));
    } catch (error) {
      answer.arguments.push(...plain([error]));
    }
  }
  return answer;
}

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

function counted(rule, hits) {
  return (context) =>
    rule(Object.create(context, {
      reportError: {
        value: (error) => {
          hits.set(rule.name, (hits.get(rule.name) ?? 0) + 1);
          context.reportError(error);
        },
      },
    }));
}

// Schema coordinates (specification, section 3.14): what they name, or what is wrong with them.
import * as graphql from 'graphql';

import { mutateCharacters } from './text.mjs';

// Every coordinate of a schema.
function* coordinatesOf(schema) {
  for (const type of Object.values(schema.getTypeMap())) {
    yield type.name;
    const members = graphql.isEnumType(type) ? type.getValues() : Object.values(type.getFields?.() ?? {});
    for (const member of members) {
      yield `${type.name}.${member.name}`;
      for (const argument of member.args ?? []) {
        yield `${type.name}.${member.name}(${argument.name}:)`;
      }
    }
  }
  for (const directive of schema.getDirectives()) {
    yield `@${directive.name}`;
    for (const argument of directive.args) {
      yield `@${directive.name}(${argument.name}:)`;
    }
  }
}

// As someone gets it wrong: a name misspelt, the parts of two coordinates mixed, a character changed.
function mutate(coordinate, other, random) {
  const names = coordinate.match(/\w+/g);
  const name = random.pick(names);
  return random.pick([
    () => coordinate.replace(name, random.misspell(name)),
    () => coordinate.replace(name, random.pick(other.match(/\w+/g))),
    () => `${coordinate}${random.pick([...'.():@ 1x', '(id:)', '.id', '.id(a:)'])}`,
    () => mutateCharacters(coordinate, random),
  ])();
}

// The definition alone, as printSchema writes it.
function definition({ kind, type, directive, field, inputField, enumValue, fieldArgument, directiveArgument }) {
  if (kind === 'NamedType' || kind === 'Directive') {
    return kind === 'NamedType' ? graphql.printType(type) : graphql.printDirective(directive);
  }
  // Of a type that holds nothing else, without the lines of that type and its indentation.
  const inside = (kindOfType, one) => graphql.printType(new kindOfType({
    name: 'T', ...(kindOfType === graphql.GraphQLEnumType ? { values: one } : { fields: one }),
  })).split('\n').slice(1, -1).map((line) => line.replace(/^ {2}/, '')).join('\n');
  const config = (one, key) => ({ [one.name]: one.toConfig()[key] ?? one.toConfig() });
  if (kind === 'Field') {
    return inside(graphql.GraphQLObjectType, config(field));
  }
  if (kind === 'EnumValue') {
    return inside(graphql.GraphQLEnumType, config(enumValue));
  }
  return inside(graphql.GraphQLInputObjectType, config(inputField ?? fieldArgument ?? directiveArgument));
}

function oracle(schema, text) {
  const errors = (error) => [{
    message: error.message,
    locations: (error.locations ?? []).map(({ line, column }) => [line, column]),
  }];
  let coordinate;
  try {
    coordinate = graphql.parseSchemaCoordinate(text);
  } catch (error) {
    return { phase: 'parse', errors: errors(error) };
  }
  try {
    const element = graphql.resolveASTSchemaCoordinate(schema, coordinate);
    return element ? { phase: 'ok', errors: [], text: definition(element) } : { phase: 'absent', errors: [] };
  } catch (error) {
    return { phase: 'resolve', errors: errors(error) };
  }
}

// Asks for all coordinates of a schema, and as many wrong ones. Answers with how many came to which
// end, and with everything that differs, as texts.
export async function compareCoordinates(probe, name, schema, random) {
  const right = [...coordinatesOf(schema)];
  const phases = {};
  const wrong = [];
  for (const text of [...right, ...right.map((one) => mutate(one, random.pick(right), random)), '', '@', '\uFEFFQuery']) {
    const ours = await probe.ask(JSON.stringify({ schema: name, coordinate: text }));
    const theirs = oracle(schema, text);
    phases[theirs.phase] = (phases[theirs.phase] ?? 0) + 1;
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
      wrong.push(`the coordinate ${JSON.stringify(text)}\n  server:     ${JSON.stringify(ours)}\n  graphql-js: ${JSON.stringify(theirs)}`);
    }
  }
  return { phases, wrong };
}

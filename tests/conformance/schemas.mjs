// What a server says of its schema, against the SDL that it was made from.
import { readFileSync } from 'node:fs';
import * as graphql from 'graphql';

const everything = {
  descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true,
  inputValueDeprecation: true, oneOf: true,
};

// As the tools ask; all ask with what graphql-js gives them.
const queriesOfTools = {
  graphiql: graphql.getIntrospectionQuery({ schemaDescription: true, inputValueDeprecation: true }),
  apollo: graphql.getIntrospectionQuery({ descriptions: true, specifiedByUrl: true, oneOf: true }),
  relay: graphql.getIntrospectionQuery({ descriptions: false, directiveIsRepeatable: true }),
  codegen: graphql.getIntrospectionQuery({ ...everything, typeDepth: 20 }),
  inspector: graphql.getIntrospectionQuery({ ...everything, typeDepth: 7 }),
};

const typeQuery = (name) => `{ __type(name: ${JSON.stringify(name)}) {
    __typename kind name description specifiedByURL isOneOf ofType { name }
    fields(includeDeprecated: true) {
      name isDeprecated deprecationReason type { ...Wrapped }
      args(includeDeprecated: true) { ...Input } }
    current: fields { name args { name } }
    interfaces { name } possibleTypes { name }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    currentValues: enumValues(includeDeprecated: false) { name }
    inputFields(includeDeprecated: true) { ...Input }
    currentInput: inputFields { name } } }
  fragment Input on __InputValue {
    name description defaultValue isDeprecated deprecationReason type { ...Wrapped } }
  fragment Wrapped on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`;

// Answers with everything that differs, as texts.
export async function compareSchema(probe, name, file, schema) {
  const ask = (op, value) => probe.ask(JSON.stringify({ schema: name, [op]: value }));
  const wrong = [];
  const expect = (what, ours, theirs) => {
    if (ours !== theirs) {
      wrong.push(`${what}\n  server:     ${ours}\n  graphql-js: ${theirs}`);
    }
  };
  const sdl = graphql.printSchema(schema);

  const answer = await ask('introspect', graphql.getIntrospectionQuery(everything));
  expect('the schema that tools build from introspection',
         graphql.printSchema(graphql.buildClientSchema(answer.data)), sdl);
  expect('the schema as SDL', graphql.printSchema(graphql.buildSchema(await ask('print', true))), sdl);

  const queries = [
    graphql.getIntrospectionQuery(),
    graphql.getIntrospectionQuery(everything),
    ...Object.values(queriesOfTools),
    '{ __type(name: "Nobody") { name } __schema { types { name } } }',
    '{ a: __type(name: "Float") { name } b: __type(name: "ID") { name } c: __type(name: "Int") { name } }',
    `{ __schema { types { name fields { name args { name } } enumValues { name } inputFields { name } }
      directives { name args { name } } } }`,
    ...Object.keys(schema.getTypeMap()).map(typeQuery),
  ];
  for (const query of queries) {
    const theirs = graphql.graphqlSync({ schema, source: query, rootValue: {} });
    expect(`the answer to ${query}`, JSON.stringify(await ask('introspect', query)), JSON.stringify(theirs));
  }
  const text = readFileSync(file, 'utf8');
  const reprinted = await ask('reprint', text);
  expect('the SDL as the printer has it', reprinted.text, graphql.print(graphql.parse(text)));
  return wrong;
}

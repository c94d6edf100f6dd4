// The tables of the specification: what variables become, section by section. `undefined` stands for
// a request error; the message is graphql-js's, as in all that is compared.
export const examples = [
  ['3.5.1 Int', 'Int', [['1', 1], ['-2147483648', -2147483648], ['2147483648', undefined], ['1.0', 1],
    ['1.5', undefined], ['"1"', undefined], ['true', undefined], ['null', null]]],
  ['3.5.2 Float', 'Float', [['1', 1], ['1.5', 1.5], ['1e400', undefined], ['"1.5"', undefined]]],
  ['3.5.3 String', 'String', [['"abc"', 'abc'], ['1', undefined], ['true', undefined]]],
  ['3.5.4 Boolean', 'Boolean', [['true', true], ['1', undefined], ['"true"', undefined]]],
  ['3.5.5 ID', 'ID', [['"abc"', 'abc'], ['4', '4'], ['-4', '-4'], ['1.5', undefined], ['true', undefined]]],
  ['3.9 Enums', 'Style', [['"LONG"', 'LONG'], ['"long"', undefined], ['0', undefined], ['null', null]]],
  ['3.10 Input Objects', 'ExampleInputObject', [
    ['{"a": "abc", "b": 123}', { a: 'abc', b: 123 }],
    ['{"a": null, "b": 123}', { a: null, b: 123 }],
    ['{"b": 123}', { b: 123 }],
    ['{"a": "abc", "b": null}', undefined],
    ['{"a": "abc"}', undefined],
    ['{"b": "123"}', undefined],
    ['{"a": "abc", "b": "123"}', undefined],
    ['{"a": "abc", "b": 123, "c": "xyz"}', undefined],
    ['"abc123"', undefined],
    ['[]', undefined],
  ]],
  ['3.10.1 OneOf Input Objects', 'ExampleOneOf', [
    ['{"a": "abc"}', { a: 'abc' }],
    ['{"b": 123}', { b: 123 }],
    ['{"a": "abc", "b": 123}', undefined],
    ['{"a": "abc", "b": null}', undefined],
    ['{"a": null, "b": null}', undefined],
    ['{"a": null}', undefined],
    ['{"b": "123"}', undefined],
    ['{}', undefined],
    ['{"c": "abc"}', undefined],
    ['null', null],
  ]],
  ['3.11 List', '[Int]', [['[1, 2, 3]', [1, 2, 3]], ['[1, "b", true]', undefined], ['1', [1]], ['null', null]]],
  ['3.11 List', '[[Int]]', [
    ['[[1], [2, 3]]', [[1], [2, 3]]],
    ['[1, 2, 3]', [[1], [2], [3]]],
    ['[1, null, 3]', [[1], null, [3]]],
    ['[[1], ["b"]]', undefined],
    ['1', [[1]]],
    ['null', null],
  ]],
  ['3.12 Non-Null', '[Int!]', [['[1, 2]', [1, 2]], ['[1, null]', undefined], ['null', null]]],
  ['3.12 Non-Null', '[Int]!', [['[1, null]', [1, null]], ['null', undefined]]],
  ['3.12 Non-Null', '[Int!]!', [['[1, 2]', [1, 2]], ['[null]', undefined], ['null', undefined]]],
];

// Answers with the number of examples and what is wrong with them.
export async function checkExamples(probe, name) {
  const wrong = [];
  let count = 0;
  for (const [section, type, rows] of examples) {
    for (const [given, expected] of rows) {
      const answer = await probe.ask(
        `{"schema":"${name}","coerce":"query ($v: ${type}) { __typename }","variables":{"v":${given}}}`);
      const became = answer.phase === 'ok' ? answer.values.v : undefined;
      ++count;
      if (JSON.stringify(became) !== JSON.stringify(expected)) {
        wrong.push(`${section}: ${type} of ${given} became ${JSON.stringify(answer)}`);
      }
    }
  }
  return { count, wrong };
}

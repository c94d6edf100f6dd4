// The cases beside the rules of validation: what they expect must be what graphql-js says.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildSchema, check } from './oracle.mjs';

// { title, text, expected } of each case of a file.
function readCases(file) {
  return readFileSync(file, 'utf8').split(/^== /m).slice(1).map((part) => {
    const [, title, text, expected] = /^(.*)\n([^]*?)^--\n([^]*)$/m.exec(part);
    return { title, text, expected: expected.trimEnd() };
  });
}

function says(schema, text) {
  const { phase, errors } = check(schema, text, {});
  const lines = errors.map(({ message, locations }) =>
    `${locations.map((at) => at.join(':')).join(' ')} ${message.replaceAll('\n', '\\n')}`);
  return phase === 'variables' ? '' : lines.join('\n');
}

// Answers with the number of cases and what is wrong with them. `write` puts in what graphql-js says.
export function checkCases(folder, { write = false } = {}) {
  const schema = buildSchema(join(folder, 'pets.graphql'));
  const wrong = [];
  let count = 0;
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.cases')).sort()) {
    const file = join(folder, name);
    const cases = readCases(file);
    count += cases.length;
    for (const one of cases) {
      const theirs = says(schema, one.text);
      if (theirs !== one.expected) {
        wrong.push(`${name}: ${one.title}\n  expected:   ${one.expected}\n  graphql-js: ${theirs}`);
        one.expected = theirs;
      }
    }
    if (write) {
      writeFileSync(file, cases.map(({ title, text, expected }) =>
        `== ${title}\n${text}--\n${expected === '' ? '' : `${expected}\n`}`).join('\n'));
    }
  }
  return { count, wrong };
}

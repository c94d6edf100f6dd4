// Compares conformance_probe with graphql-js: documents, variables and literals made from a seed.
//   node differential.mjs --probe PROGRAM [--seed N] [--documents N] [--variables N] [--cases FOLDER] NAME=SCHEMA...
import { parseArgs } from 'node:util';

import * as graphql from 'graphql';

import { checkCases } from './cases.mjs';
import { Comparison } from './comparison.mjs';
import { compareCoordinates } from './coordinates.mjs';
import { Documents } from './documents.mjs';
import { differences } from './differences.mjs';
import { checkExamples } from './examples.mjs';
import { compareExecutions } from './executions.mjs';
import { buildSchema, rules } from './oracle.mjs';
import { Probe } from './probe.mjs';
import { Random } from './random.mjs';
import { compareSchema } from './schemas.mjs';
import { mutateCharacters, mutateTokens, render } from './text.mjs';
import { VariableCases } from './variables.mjs';

const hitsMin = 50;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    probe: { type: 'string' },
    seed: { type: 'string', default: '20250901' },
    documents: { type: 'string', default: '5200' },
    variables: { type: 'string', default: '5200' },
    reprints: { type: 'string', default: '600' },
    executions: { type: 'string', default: '600' },
    cases: { type: 'string' },
  },
});

// Rules that a schema gives no occasion to break.
function notExpressible(schema) {
  const hasAllRoots = schema.getMutationType() && schema.getSubscriptionType();
  return new Set([
    ...(schema.getSubscriptionType() ? [] : ['SingleFieldSubscriptionsRule']),
    ...(hasAllRoots ? ['KnownOperationTypesRule'] : []),
  ]);
}

function documentCases(schema, random, hits) {
  const documents = new Documents(schema, random, { hits, exempt: notExpressible(schema) });
  return () => {
    let tokens = documents.next();
    const kind = random.weighted({ plain: 7, tokens: 2, characters: 1 });
    if (kind === 'tokens') {
      tokens = mutateTokens(tokens, random);
    }
    let text = render(tokens, random);
    if (kind === 'characters') {
      text = mutateCharacters(text, random);
    }
    return { op: 'query', text, hideSuggestions: random.chance(0.05) };
  };
}

function report(comparison) {
  const { name, phases, failures, hits, syntaxErrors, excused } = comparison;
  console.log(`${name}: ${JSON.stringify(phases)}, ${syntaxErrors.size} kinds of syntax errors`);
  console.log(rules.map((rule) => `  ${rule.name} ${hits.get(rule.name) ?? 0}`).join('\n'));
  for (const [difference, count] of excused) {
    console.log(`  deliberate difference, ${count} times: ${difference}`);
  }
  for (const failure of failures.filter((one) => one)) {
    const { ours, theirs, ...one } = failure;
    console.log(`DIFFERENCE on ${name}: ${JSON.stringify(one)}\n${one.text}`);
    console.log(`  server:     ${JSON.stringify(ours)}\n  graphql-js: ${JSON.stringify(theirs)}`);
  }
  if (failures.length > 0) {
    console.log(`${name}: ${failures.length} differences`);
  }
}

async function main() {
  const seed = Number(options.seed);
  console.log(`seed ${seed}`);
  const probe = new Probe(options.probe, positionals);
  let isGood = true;
  for (const [index, argument] of positionals.entries()) {
    const [name, file] = argument.split('=');
    const schema = buildSchema(file);
    const random = new Random(seed + index);
    const comparison = new Comparison(probe, name, schema);
    await comparison.run(Number(options.documents), documentCases(schema, random, comparison.hits));
    const variables = new VariableCases(schema, random);
    await comparison.run(Number(options.variables), () => variables.next());
    const documents = new Documents(schema, random);
    await comparison.run(Number(options.reprints), () => ({ op: 'reprint', text: render(documents.next(), random) }));
    report(comparison);
    const coordinates = await compareCoordinates(probe, name, schema, random);
    console.log(`${name}: ${JSON.stringify(coordinates.phases)} of schema coordinates`);
    const wrong = [...(await compareSchema(probe, name, file, schema)), ...coordinates.wrong];
    const hasObjectsAlone = !Object.values(schema.getTypeMap()).some((type) => graphql.isAbstractType(type));
    if (hasObjectsAlone) {
      const executions = await compareExecutions(probe, name, schema, random, Number(options.executions));
      console.log(`${name}: ${JSON.stringify(executions.phases)} of executions`);
      wrong.push(...executions.wrong);
    }
    wrong.forEach((text) => console.log(`DIFFERENCE on ${name}: ${text}`));
    const exempt = notExpressible(schema);
    const rare = rules.filter((rule) => !exempt.has(rule.name) && (comparison.hits.get(rule.name) ?? 0) < hitsMin);
    rare.forEach((rule) => console.log(`${name}: ${rule.name} was hit fewer than ${hitsMin} times`));
    isGood &&= comparison.failures.length === 0 && rare.length === 0 && wrong.length === 0;
  }
  const { count: exampleCount, wrong: wrongExamples } = await checkExamples(probe, 'everything');
  console.log(`${exampleCount} examples of the specification`);
  wrongExamples.forEach((text) => console.log(`EXAMPLE that does not hold: ${text}`));
  isGood &&= wrongExamples.length === 0;
  probe.end();
  if (options.cases) {
    const { count, wrong } = checkCases(options.cases);
    console.log(`${count} cases of rules`);
    wrong.forEach((text) => console.log(`CASE that graphql-js does not confirm: ${text}`));
    isGood &&= count > 0 && wrong.length === 0;
  }
  console.log(`deliberate differences:\n${differences.map(({ name, reason }) => `  ${name}: ${reason}`).join('\n')}`);
  process.exitCode = isGood ? 0 : 1;
}

// No stack is looked at, and making them costs more than validating.
Error.stackTraceLimit = 0;
await main();

// Clients as their authors publish them, against the running server.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { ApolloClient, gql as apolloGql, HttpLink, InMemoryCache } from "@apollo/client/core/index.js";
import { diff, validate as validateDocuments } from "@graphql-inspector/core";
import { cacheExchange, Client, fetchExchange, gql as urqlGql } from "@urql/core";
import { buildClientSchema, buildSchema, getIntrospectionQuery, Source } from "graphql";
import { ClientError, gql, GraphQLClient } from "graphql-request";

import { runProgram, succeed } from "./cli.mjs";
import { endpoints, startServer } from "./server.mjs";
import { makeDirectory } from "./workdir.mjs";

const server = await startServer({ after }, { demo: true });
const headers = { Authorization: `Token ${await server.token()}` };
const url = server.endpoint("program-progress");

const pageText = `
  query Page($input: ProgramProgressInput) {
    programProgress(input: $input) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { cursor node { userId programKey userEmail enrollmentStatus lastActiveAt } }
    }
  }`;
const variables = { input: { first: 5, orderBy: "LAST_ACTIVE", order: "DESC" } };
const expected = (await server.graphql("program-progress", headers.Authorization.slice(6), {
  query: pageText, variables,
})).body.data.programProgress;

// Libraries that keep a cache add __typename to what they ask for.
function withoutTypenames(value) {
  return JSON.parse(JSON.stringify(value, (key, member) =>
    key === "__typename" ? undefined : member));
}

test("Apollo Client: a page, an error of a document, an error of a field", async (t) => {
  const client = new ApolloClient({
    link: new HttpLink({ uri: url, headers }), cache: new InMemoryCache(),
  });
  t.after(() => client.stop());
  const { data } = await client.query({ query: apolloGql(pageText), variables });
  assert.deepEqual(withoutTypenames(data.programProgress), expected);
  assert.equal(data.programProgress.edges[0].node.__typename, "ProgramProgressRecord");
  await assert.rejects(client.query({ query: apolloGql("{ nothing }") }), (error) => {
    assert.match(error.message, /Cannot query field "nothing" on type "Query"\./);
    return true;
  });
  await assert.rejects(
    client.query({ query: apolloGql(pageText), variables: { input: { first: 0 } } }),
    /first/);
});

test("urql: a page by GET and by POST, and an error", async () => {
  for (const preferGetMethod of [true, false]) {
    const client = new Client({
      url, preferGetMethod, fetchOptions: { headers }, exchanges: [cacheExchange, fetchExchange],
    });
    const { data, error } = await client.query(urqlGql(pageText), variables).toPromise();
    assert.equal(error, undefined);
    assert.deepEqual(withoutTypenames(data.programProgress), expected);
    const wrong = await client.query(urqlGql("{ nothing }"), {}).toPromise();
    assert.equal(wrong.error.graphQLErrors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  }
});

test("graphql-request: a page, a refusal, a wrong token", async () => {
  const client = new GraphQLClient(url, { headers });
  const document = gql`${pageText}`;
  assert.deepEqual((await client.request(document, variables)).programProgress, expected);
  await assert.rejects(client.request(document, { input: { last: 2000 } }), (error) => {
    assert.ok(error instanceof ClientError);
    assert.equal(error.response.errors[0].extensions.code, "BAD_USER_INPUT");
    assert.deepEqual(error.response.errors[0].path, ["programProgress"]);
    return true;
  });
  const stranger = new GraphQLClient(url, { headers: { Authorization: "Token unknown" } });
  await assert.rejects(stranger.request(document), (error) => {
    assert.equal(error.response.status, 401);  // all that this client tells of such an answer
    return true;
  });
});

test("a Relay-style loop pages forwards and backwards through every row once", async () => {
  const client = new GraphQLClient(url, { headers });
  const document = gql`
    query Refetch($first: Int, $after: String, $last: Int, $before: String) {
      programProgress(input: {first: $first, after: $after, last: $last, before: $before}) {
        edges { cursor node { __typename userId programKey } }
        pageInfo { endCursor hasNextPage hasPreviousPage startCursor }
      }
    }`;
  const size = Math.ceil(expected.totalCount / 7);
  const key = ({ node }) => `${node.userId} ${node.programKey}`;
  const forwards = [];
  let pageInfo = { hasNextPage: true };
  while (pageInfo.hasNextPage) {
    const { programProgress: page } =
      await client.request(document, { first: size, after: pageInfo.endCursor ?? null });
    forwards.push(...page.edges.map(key));
    assert.equal(page.pageInfo.startCursor, page.edges[0].cursor);
    assert.equal(page.pageInfo.endCursor, page.edges.at(-1).cursor);
    pageInfo = page.pageInfo;
  }
  assert.equal(new Set(forwards).size, expected.totalCount);
  const backwards = [];
  pageInfo = { hasPreviousPage: true };
  while (pageInfo.hasPreviousPage) {
    const { programProgress: page } =
      await client.request(document, { last: size, before: pageInfo.startCursor ?? null });
    backwards.unshift(...page.edges.map(key));
    pageInfo = page.pageInfo;
  }
  assert.deepEqual(backwards, forwards);
});

async function introspected(name) {
  const response = await fetch(server.endpoint(name), {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: await server.authorization(name) },
    body: JSON.stringify({
      query: getIntrospectionQuery({
        specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true,
        inputValueDeprecation: true, oneOf: true,
      }),
    }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  return buildClientSchema(data);
}

test("GraphQL Inspector: what is introspected is the SDL, and validates documents", async () => {
  for (const name of endpoints) {
    const schema = await introspected(name);
    const sdl = buildSchema(await succeed(["schema", name]));
    // graphql 16, which the tool stands on, has @deprecated as the edition before had it.
    const changes = (await diff(sdl, schema)).filter(({ path }) => !path?.startsWith("@deprecated"));
    assert.deepEqual(changes.map(({ message }) => message), [], name);
  }
  const schema = await introspected("program-progress");
  const good = validateDocuments(schema, [new Source(pageText, "page.graphql")]);
  assert.deepEqual(good, []);
  const [bad] = validateDocuments(schema, [new Source("{ nothing }", "bad.graphql")]);
  assert.match(bad.errors[0].message, /nothing/);
});

test("graphql-codegen makes types from the server that tsc accepts", async (t) => {
  const cwd = makeDirectory(t);
  const packages = fileURLToPath(new URL("node_modules", import.meta.url));
  symlinkSync(packages, join(cwd, "node_modules"));
  mkdirSync(join(cwd, "src"));
  writeFileSync(join(cwd, "package.json"), '{"type":"module"}');
  writeFileSync(join(cwd, "codegen.json"), JSON.stringify({
    schema: [{ [url]: { headers } }],
    documents: ["src/page.ts"],
    generates: {
      "src/gql/": {
        preset: "client",
        config: { scalars: { Time: "string" }, useTypeImports: true },
        presetConfig: { fragmentMasking: false, persistedDocuments: true },
      },
    },
  }));
  writeFileSync(join(cwd, "src/page.ts"), `
    import { GraphQLClient } from "graphql-request";
    import { graphql } from "./gql/gql";
    import type { EnrollmentStatus } from "./gql/graphql";

    const page = graphql(\`${pageText}\`);

    export async function emails(client: GraphQLClient): Promise<string[]> {
      const { programProgress } = await client.request(page, { input: { first: 5 } });
      const status: EnrollmentStatus = programProgress.edges[0].node.enrollmentStatus;
      const active: string | null | undefined = programProgress.edges[0].node.lastActiveAt;
      return programProgress.edges.map(({ node }) => \`\${node.userEmail} \${status} \${active}\`);
    }
  `);
  const tool = (name, args) => runProgram(join(packages, ".bin", name), args, { cwd });
  const made = await tool("graphql-codegen", ["--config", "codegen.json"]);
  assert.equal(made.status, 0, made.stdout + made.stderr);
  const checked = await tool("tsc", ["--strict", "--noEmit", "--skipLibCheck", "--module",
    "esnext", "--moduleResolution", "bundler", "--target", "es2022", "src/page.ts"]);
  assert.equal(checked.status, 0, checked.stdout);

  // What codegen persists, the server takes as it is.
  const list = join(cwd, "src/gql/persisted-documents.json");
  const trusting = await startServer(t, {
    store: server.store, args: ["--trusted-documents", list, "--trusted-documents-only"],
  });
  const [documentId] = Object.keys(JSON.parse(readFileSync(list, "utf8")));
  const { body } = await trusting.graphql("program-progress", headers.Authorization.slice(6),
                                          { documentId, variables });
  assert.deepEqual(withoutTypenames(body.data.programProgress), expected);
});

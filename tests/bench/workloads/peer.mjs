// What people would use instead: Mercurius with its compiling executor over the same store, with
// key pages and prepared statements. node peer.mjs STORE COMPANY PORT, where STORE is the path of a
// SQLite file or the address of a PostgreSQL database.
import { readFileSync } from "node:fs";

import Fastify from "fastify";
import { GraphQLScalarType } from "graphql";
import mercurius from "mercurius";

import { attempts, catalog, connection, planProgress, progress } from "./peer_lists.mjs";
import { openStore } from "./peer_store.mjs";

const [address, company, port] = process.argv.slice(2);
const store = await openStore(address);

// What costs a statement or a text is a resolver, and runs only where it is selected. The rest are
// properties, which the compiled query reads without a call.
const resolversOf = (list) => ({
  [`${list.type}Connection`]: {
    totalCount: (source) => source.totalCount(),
    edges: (source) => source.edges(),
    pageInfo: (source) => source,
  },
  [`${list.type}Edge`]: { cursor: (edge) => edge.cursor() },
  PageInfo: {
    hasNextPage: (source) => source.hasNextPage(),
    hasPreviousPage: (source) => source.hasPreviousPage(),
    startCursor: (source) => source.startCursor(),
    endCursor: (source) => source.endCursor(),
  },
});

const endpoints = [
  { name: "program-progress", root: "programProgress", list: progress },
  { name: "assessment-progress", root: "assessmentProgress", list: attempts },
  { name: "learning-plan-progress", root: "learningPlanProgress", list: planProgress },
  { name: "catalog", root: "catalog",
    resolve: (_, { contractId }) => catalog(store, company, contractId),
    resolvers: { CompanyCatalog: Object.fromEntries(["programs", "assessments", "learningPlans"]
      .map((field) => [field, (source) => source[field]()])) } },
];
const text = (name) => new GraphQLScalarType({ name, serialize: (value) => value });
const app = Fastify({ logger: false, bodyLimit: 1 << 20 });
for (const { name, root, list, resolve, resolvers } of endpoints) {
  const folder = name.replaceAll("-", "_");
  const schema = readFileSync(
    new URL(`../../../domains/${folder}/schema.graphql`, import.meta.url), "utf8");
  const scalars = ["Time", "Duration"].filter((each) => schema.includes(`scalar ${each}`));
  await app.register(async (instance) => {
    await instance.register(mercurius, {
      schema,
      resolvers: {
        Query: { [root]: resolve ?? ((_, { input }) => connection(store, company, list, input)) },
        ...(resolvers ?? resolversOf(list)),
        ...Object.fromEntries(scalars.map((each) => [each, text(each)])),
      },
      jit: 1,
      path: `/api/public/api/v1/${name}/graphql`,
    });
  });
}
await app.listen({ host: "127.0.0.1", port: Number(port) });
console.log(`listening on http://127.0.0.1:${app.server.address().port}`);
process.once("SIGTERM", () => process.exit(0));

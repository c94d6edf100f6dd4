import { SiteHeader } from "../common/header";
import { Status } from "./status";

const query = `query {
  programProgress(input: { first: 2 }) {
    totalCount
    edges {
      node { userEmail programTitle completionPercentage }
    }
  }
}`;

const answer = `{ "data": { "programProgress": {
  "totalCount": 12840,
  "edges": [
    { "node": { "userEmail": "ada@example.com",
        "programTitle": "Data Engineering",
        "completionPercentage": 62.5 } },
    …`;

const audiences = [
  {
    title: "You run learning at a company",
    text:
      "Create a credential for your systems, see who uses it, replace it without an outage and " +
      "revoke it at once.",
    href: "/login",
    link: "Open API access",
  },
  {
    title: "You write a query",
    text: "Try the five endpoints in the browser, with completion and the schema beside you.",
    href: "/playground",
    link: "Open the playground",
  },
  {
    title: "You feed a warehouse",
    text: "Page through everything once, then fetch what has changed since. Exact counts, stable cursors.",
    href: "/docs",
    link: "Read the documentation",
  },
];

const endpoints = [
  { name: "tokens", title: "Tokens", text: "Client credentials and API tokens" },
  { name: "catalog", title: "Catalog", text: "What a company's contracts give access to" },
  { name: "program-progress", title: "Program progress", text: "How far people are, part by part" },
  { name: "assessment-progress", title: "Assessment progress", text: "Attempts and results" },
  { name: "learning-plan-progress", title: "Learning plan progress", text: "Plans and who follows them" },
];

export function Overview() {
  return (
    <>
      <SiteHeader current="/" />
      <main id="main" className="page">
        <section className="hero">
          <div>
            <h1>Your company’s learning data, through GraphQL</h1>
            <p>
              Matricula serves catalog, program, assessment and learning plan progress to the
              systems of a company: exact, paged by stable cursors, limited to what its
              credential covers.
            </p>
            <div className="button-row">
              <a className="button primary" href="/docs">
                Get started
              </a>
              <a className="button" href="/playground">
                Try a query
              </a>
            </div>
          </div>
          <div className="card sample" aria-label="A query and the start of its answer" role="group">
            <div className="sample-head">
              <span>program-progress</span>
              <span>POST</span>
            </div>
            <pre tabIndex={0} role="group" aria-label="Query">
              {query}
            </pre>
            <pre tabIndex={0} role="group" aria-label="Answer">
              {answer}
            </pre>
          </div>
        </section>

        <section className="overview-section" aria-labelledby="audiences">
          <h2 id="audiences">Where to go from here</h2>
          <div className="tiles">
            {audiences.map((audience) => (
              <div key={audience.href} className="card tile">
                <h3>{audience.title}</h3>
                <p>{audience.text}</p>
                <a className="tile-link" href={audience.href}>
                  {audience.link}
                </a>
              </div>
            ))}
          </div>
        </section>

        <section className="overview-section" aria-labelledby="endpoints">
          <h2 id="endpoints">Five endpoints</h2>
          <dl className="card endpoints">
            {endpoints.map((endpoint) => (
              <div key={endpoint.name}>
                <dt>
                  <a href={`/playground?endpoint=${endpoint.name}`}>{endpoint.title}</a>
                </dt>
                <dd>
                  {endpoint.text}
                  <br />
                  <code>/api/public/api/v1/{endpoint.name}/graphql</code>
                </dd>
              </div>
            ))}
          </dl>
        </section>

        <Status />
      </main>
    </>
  );
}

import { formatCount } from "../common/format";
import { UserText } from "../common/ui";
import type { Credential, Limits } from "./types";

function inWords(requests: number, seconds: number): string {
  return requests === 0
    ? "No limit"
    : `${formatCount(requests)} requests in any ${seconds} seconds`;
}

export function LimitsCard({
  limits,
  credentials,
}: {
  limits: Limits;
  credentials: Credential[];
}) {
  const own = limits.credentials.map((limit) => ({
    ...limit,
    credential: credentials.find(({ id }) => id === limit.id),
  }));
  return (
    <section id="limits" className="card" aria-labelledby="limits-title">
      <div className="card-head">
        <div>
          <h2 id="limits-title">Limits</h2>
          <p>
            Each credential has an allowance of its own, however many tokens are made from it, and so
            has each token that you made; all of them together have one too. Beyond either the server answers 429 and says in{" "}
            <code>Retry-After</code> when to go on.
          </p>
        </div>
      </div>
      <dl className="facts">
        <div>
          <dt>{limits.ofCompany ? "Set for this company" : "For each credential and token"}</dt>
          <dd>{inWords(limits.requests, limits.windowSeconds)}</dd>
        </div>
        <div>
          <dt>All credentials and tokens together</dt>
          <dd>{inWords(limits.companyRequests, limits.windowSeconds)}</dd>
        </div>
        {own.map((limit) => (
          <div key={limit.id}>
            <dt>
              {limit.credential ? (
                <UserText text={limit.credential.description || limit.credential.clientId} />
              ) : (
                <code>{limit.id}</code>
              )}
            </dt>
            <dd>{inWords(limit.requests, limits.windowSeconds)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

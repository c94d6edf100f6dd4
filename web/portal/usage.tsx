import { formatCount, formatDay } from "../common/format";
import { CodeBlock, UserText } from "../common/ui";
import { companyAddress, companyToName, exchangeCommand } from "./address";
import { follow } from "./history";
import { endpointTitle } from "./restrictions";
import type { Company, Credential, SourceUse, Use, UseDay } from "./types";

// The next round number at or above: 1, 2 or 5 times a power of ten.
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((round) => round >= value) ?? value;
}

function inWords({ day, answered, refused }: UseDay): string {
  return `${formatDay(day)}: ${formatCount(answered)} answered, ${formatCount(refused)} refused`;
}

export function Usage({
  company,
  usage,
  credentials,
}: {
  company: Company;
  usage: Use;
  credentials: Credential[];
}) {
  const { days, sources } = usage;
  const answered = days.reduce((sum, day) => sum + day.answered, 0);
  const refused = days.reduce((sum, day) => sum + day.refused, 0);
  return (
    <>
      <section id="usage" className="card" aria-labelledby="usage-title">
        <div className="card-head">
          <div>
            <h2 id="usage-title">Use of the last {days.length} days</h2>
            <p>Requests with tokens of this company, by day in UTC.</p>
          </div>
          <dl className="totals">
            <div>
              <dt>
                <span className="swatch answered" aria-hidden="true" /> Answered
              </dt>
              <dd className="number">{formatCount(answered)}</dd>
            </div>
            <div>
              <dt>
                <span className="swatch refused" aria-hidden="true" /> Refused
              </dt>
              <dd className="number">{formatCount(refused)}</dd>
            </div>
          </dl>
        </div>
        {answered + refused === 0 ? <NoUse company={company} credentials={credentials} /> : <Chart days={days} />}
      </section>
      {sources.length > 0 ? <Sources sources={sources} days={days.length} /> : null}
    </>
  );
}

// The same requests by credential or token and endpoint.
function Sources({ sources, days }: { sources: SourceUse[]; days: number }) {
  return (
    <section id="sources" className="card" aria-labelledby="sources-title">
      <div className="card-head">
        <div>
          <h2 id="sources-title">Who used which endpoint</h2>
          <p>Requests for this company in the last {days} days, the most first.</p>
        </div>
      </div>
      <div className="table-wrap">
        <table className="table stack">
          <thead>
            <tr>
              <th scope="col">Credential or token</th>
              <th scope="col">Endpoint</th>
              <th scope="col">Answered</th>
              <th scope="col">Refused</th>
            </tr>
          </thead>
          <tbody>
            {sources.map((use) => (
              <tr key={`${use.id} ${use.endpoint}`}>
                <td data-label="By" className="wide">
                  <UserText text={use.name} />{" "}
                  <span className="badge">{use.kind === "token" ? "Token" : "Credential"}</span>
                </td>
                <td data-label="Endpoint">{endpointTitle(use.endpoint)}</td>
                <td data-label="Answered" className="number">
                  {formatCount(use.answered)}
                </td>
                <td data-label="Refused" className="number">
                  {formatCount(use.refused)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function NoUse({ company, credentials }: { company: Company; credentials: Credential[] }) {
  const active = credentials.find(({ revokedAt }) => revokedAt === null);
  const named = active ? companyToName(active.companyIds, company) : null;
  return (
    <div className="empty">
      <h3>No requests yet</h3>
      <p>
        {active ? (
          "Exchange your credential for a token, then send the token with each request:"
        ) : (
          <>
            <a href={companyAddress(company.slug)} onClick={follow}>
              Create a credential
            </a>
            , then exchange it for a token:
          </>
        )}
      </p>
      <CodeBlock
        label="the command that exchanges a credential for a token"
        text={exchangeCommand(active?.clientId ?? "YOUR_CLIENT_ID", "YOUR_CLIENT_SECRET", named)}
      />
      <p className="small muted">Use shows here within a minute; open this page again then.</p>
    </div>
  );
}

function Chart({ days }: { days: UseDay[] }) {
  const top = roundUp(Math.max(...days.map((day) => Math.max(day.answered, day.refused))));
  const first = days[0]?.day;
  const last = days.at(-1)?.day;
  const height = (value: number) => ({ height: `${(100 * value) / top}%` });
  return (
    <div className="card-body">
      <div className="chart" aria-hidden="true">
        <div className="chart-scale number">
          <span>{formatCount(top)}</span>
          <span>{formatCount(top / 2)}</span>
          <span>0</span>
        </div>
        <div className="chart-plot">
          {days.map((day) => (
            <div
              key={day.day}
              className="chart-day"
              title={inWords(day)}
            >
              <span className="bar answered" style={height(day.answered)} />
              <span className="bar refused" style={height(day.refused)} />
            </div>
          ))}
        </div>
        <div className="chart-days small muted">
          <span>{first ? formatDay(first) : ""}</span>
          <span>{last ? formatDay(last) : ""}</span>
        </div>
      </div>
      <details className="numbers">
        <summary>Show the numbers</summary>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col">Answered</th>
              <th scope="col">Refused</th>
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map((day) => (
              <tr key={day.day}>
                <td>{formatDay(day.day)}</td>
                <td className="number">{formatCount(day.answered)}</td>
                <td className="number">{formatCount(day.refused)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

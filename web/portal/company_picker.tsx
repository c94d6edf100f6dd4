import { useEffect, useState } from "react";

import { asFailure, sendJson, type Failure } from "../common/api";
import { FailureNotice, Loading, UserText } from "../common/ui";
import { companyAddress } from "./address";
import type { Company } from "./types";

interface Companies {
  companies: Company[];
  more: boolean;
}

// The companies that a person administers. With a single one, that company's page comes at once.
export function CompanyPicker({ csrf, onSessionEnd }: { csrf: string; onSessionEnd: () => void }) {
  const [answer, setAnswer] = useState<Companies | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [wanted, setWanted] = useState("");
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    let current = true;
    setFailure(null);
    sendJson<Companies>("GET", "/portal/api/companies", undefined, { "X-CSRF-Token": csrf })
      .then((companies) => {
        const only = companies.companies.length === 1 ? companies.companies[0] : undefined;
        if (only) {
          location.replace(companyAddress(only.slug));
        } else if (current) {
          setAnswer(companies);
        }
      })
      .catch((error: unknown) => {
        const failed = asFailure(error);
        if (failed.status === 401) {
          onSessionEnd();
        } else if (current) {
          setFailure(failed);
        }
      });
    return () => {
      current = false;
    };
  }, [csrf, onSessionEnd, attempt]);

  const text = wanted.trim().toLowerCase();
  const shown = answer?.companies.filter(
    (company) =>
      text === "" ||
      company.name.toLowerCase().includes(text) ||
      company.slug.toLowerCase().includes(text),
  );
  return (
    <main id="main" className="page narrow">
      <h1>Choose a company</h1>
      {failure ? (
        <FailureNotice failure={failure} retry={() => setAttempt(attempt + 1)} />
      ) : shown === undefined || answer === null ? (
        <Loading what="your companies" />
      ) : answer.companies.length === 0 ? (
        <div className="card empty">
          <h2>You administer no company yet</h2>
          <p>Ask whoever runs this server to make you an admin of your company, then reload this page.</p>
        </div>
      ) : (
        <>
          {answer.companies.length > 8 ? (
            <input
              type="search"
              className="input"
              aria-label="Find a company"
              placeholder="Find a company"
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
            />
          ) : null}
          <ul className="card company-list">
            {shown.map((company) => (
              <li key={company.id}>
                <a href={companyAddress(company.slug)}>
                  <UserText text={company.name} />
                  <span className="mono muted small">{company.slug}</span>
                </a>
              </li>
            ))}
          </ul>
          {shown.length === 0 ? <p className="muted">No company has this in its name.</p> : null}
          {answer.more ? (
            <p className="muted small">
              These are the first {answer.companies.length}. Any other opens at its address,{" "}
              <code>/c/its-slug/settings/api-tokens</code>.
            </p>
          ) : null}
        </>
      )}
    </main>
  );
}

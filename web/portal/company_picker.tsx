import { useCallback, useState } from "react";

import { readCompanies } from "../common/account";
import { FailureNotice, Loading, UserText } from "../common/ui";
import { companyAddress } from "./address";
import { useAnswer } from "./answer";
import { CompanySearch, findCompanies } from "./company_search";

// The companies that a person administers. With a single one, that company's page comes at once.
export function CompanyPicker({ csrf, onSessionEnd }: { csrf: string; onSessionEnd: () => void }) {
  const [wanted, setWanted] = useState("");
  const read = useCallback(async () => {
    const answer = await readCompanies(csrf);
    const only = answer.companies.length === 1 ? answer.companies[0] : undefined;
    if (only) {
      location.replace(companyAddress(only.slug));
      return null;
    }
    return answer;
  }, [csrf]);
  const { answer, failure, again } = useAnswer(read, onSessionEnd);

  const shown = answer ? findCompanies(answer.companies, wanted) : undefined;
  return (
    <main id="main" className="page narrow">
      <h1>Choose a company</h1>
      {failure ? (
        <FailureNotice failure={failure} retry={again} />
      ) : shown === undefined || answer === null ? (
        <Loading what="your companies" />
      ) : answer.companies.length === 0 ? (
        <div className="card empty">
          <h2>You administer no company yet</h2>
          <p>Ask whoever runs this server to make you an admin of your company, then reload this page.</p>
        </div>
      ) : (
        <>
          <CompanySearch count={answer.companies.length} text={wanted} onChange={setWanted} />
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

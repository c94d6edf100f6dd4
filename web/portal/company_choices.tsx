import { useEffect, useMemo, useState } from "react";

import { readCompanies, type User } from "../common/account";
import { UserText } from "../common/ui";
import { CompanySearch, findCompanies } from "./company_search";
import type { Company } from "./types";

// At most so many that are not chosen are shown.
const shownMax = 50;

// The companies that a new credential can cover, that of the page first: for staff all, as far as
// the server lists them, for others those that they administer.
export function useCoverable(csrf: string, me: User | null, company: Company): Company[] {
  const [all, setAll] = useState<Company[]>([]);
  useEffect(() => {
    if (me?.isStaff) {
      readCompanies(csrf)
        .then((answer) => setAll(answer.companies))
        // Without the list the one company can still be chosen.
        .catch(() => {});
    }
  }, [csrf, me]);
  return useMemo(() => {
    const coverable = me && !me.isStaff ? me.adminOf : all;
    return [company, ...coverable.filter(({ id }) => id !== company.id)];
  }, [me, all, company]);
}

// Chooses companies by their ids. Nothing where there is no choice.
export function CompanyChoices({
  companies,
  chosen,
  onChange,
}: {
  companies: Company[];
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}) {
  const [text, setText] = useState("");
  if (companies.length <= 1) {
    return null;
  }
  const others = findCompanies(companies, text).filter(({ id }) => !chosen.has(id));
  const offered = new Set(others.slice(0, shownMax).map(({ id }) => id));
  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) {
      next.add(id);
    } else {
      next.delete(id);
    }
    onChange(next);
  };
  return (
    <fieldset>
      <legend>Companies</legend>
      <span className="hint">Each token is for one of them.</span>
      <CompanySearch count={companies.length} text={text} onChange={setText} />
      <div className="choices" tabIndex={-1}>
        {companies
          .filter(({ id }) => chosen.has(id) || offered.has(id))
          .map(({ id, name }) => (
            <label key={id} className="check">
              <input
                type="checkbox"
                checked={chosen.has(id)}
                onChange={(event) => toggle(id, event.target.checked)}
              />
              <UserText text={name} />
            </label>
          ))}
      </div>
      {others.length > shownMax ? (
        <span className="hint">{others.length - shownMax} more: find them by their names.</span>
      ) : null}
    </fieldset>
  );
}

import { useCallback } from "react";

import type { User } from "../common/account";
import { FailureNotice, Loading, UserText } from "../common/ui";
import { companyAddress } from "./address";
import { useAnswer } from "./answer";
import { tabs } from "./company_tabs";
import { follow } from "./history";
import { readAccess, readCompany, type Access } from "./operations";
import type { CompanyView } from "./types";

interface Everything {
  view: CompanyView;
  access: Access;
}

// What is shown of one company, and how to read it again after a change. Each tab that is opened
// reads it again: a page may be open for hours.
function useCompany(slug: string, tab: string | null, csrf: string, onSessionEnd: () => void) {
  const read = useCallback(async (): Promise<Everything> => {
    const view = await readCompany(csrf, slug);
    return { view, access: await readAccess(csrf, view.company.id) };
  }, [slug, tab, csrf]);
  return useAnswer(read, onSessionEnd);
}

// The settings of a company, a tab of them at a time; `tab` is the name of one in the address.
export function CompanyPage({
  slug,
  tab,
  csrf,
  me,
  onSessionEnd,
}: {
  slug: string;
  tab: string | null;
  csrf: string;
  me: User | null;
  onSessionEnd: () => void;
}) {
  const { answer: everything, failure, again: reload } = useCompany(
    slug,
    tab,
    csrf,
    onSessionEnd,
  );
  const shown = tabs.find(({ name }) => name === tab);
  if (failure?.status === 404) {
    return <NoCompany />;
  }
  if (everything === null) {
    return (
      <main id="main" className="page">
        <h1 className="visually-hidden">API access</h1>
        {failure ? <FailureNotice failure={failure} retry={reload} /> : <Loading what="the company" />}
      </main>
    );
  }
  const { company } = everything.view;
  return (
    <main id="main" className="page company-page">
      <title>{`${shown?.title ?? "No such page"} · ${company.name}`}</title>
      <div className="page-head">
        <p className="crumbs small">
          <a href="/c">Companies</a>
        </p>
        <h1>
          <UserText text={company.name} />
        </h1>
        <p className="muted">API access</p>
        <nav className="page-nav" aria-label="Settings of the company">
          {tabs.map(({ name, title }) => (
            <a
              key={name}
              href={companyAddress(slug, name)}
              aria-current={name === tab ? "page" : undefined}
              onClick={follow}
            >
              {title}
            </a>
          ))}
        </nav>
      </div>
      {failure ? <FailureNotice failure={failure} retry={reload} /> : null}
      {shown?.content({ csrf, me, onSessionEnd, onChange: reload, ...everything }) ?? <NoTab />}
    </main>
  );
}

function NoTab() {
  return (
    <div className="card empty">
      <h2>There is nothing at this address</h2>
      <p>Choose one of the pages above.</p>
    </div>
  );
}

function NoCompany() {
  return (
    <main id="main" className="page narrow">
      <h1>No such company</h1>
      <div className="card empty">
        <h2>There is no company at this address, or you do not administer it</h2>
        <p>Check the address, or choose one of your companies.</p>
        <div className="button-row">
          <a className="button primary" href="/c">
            Your companies
          </a>
        </div>
      </div>
    </main>
  );
}

import { useCallback } from "react";

import { sendJson } from "../common/api";
import { FailureNotice, Loading, UserText } from "../common/ui";
import { useAnswer } from "./answer";
import { AuditTrail } from "./audit";
import { Credentials } from "./credentials";
import { LimitsCard } from "./limits";
import { readAccess, type Access } from "./operations";
import { Tokens } from "./tokens";
import type { CompanyView } from "./types";
import { Usage } from "./usage";

interface Everything extends CompanyView {
  access: Access;
}

// What is shown of one company, and how to read it again after a change.
function useCompany(slug: string, csrf: string, onSessionEnd: () => void) {
  const read = useCallback(async (): Promise<Everything> => {
    const view = await sendJson<CompanyView>(
      "GET",
      `/portal/api/companies/${encodeURIComponent(slug)}`,
      undefined,
      { "X-CSRF-Token": csrf },
    );
    return { ...view, access: await readAccess(csrf, view.company.id) };
  }, [slug, csrf]);
  return useAnswer(read, onSessionEnd);
}

export function CompanyPage({
  slug,
  csrf,
  onSessionEnd,
}: {
  slug: string;
  csrf: string;
  onSessionEnd: () => void;
}) {
  const { answer: everything, failure, again: reload, reads } = useCompany(slug, csrf, onSessionEnd);
  if (failure?.status === 404) {
    return <NotFound />;
  }
  if (everything === null) {
    return (
      <main id="main" className="page">
        <h1 className="visually-hidden">API access</h1>
        {failure ? <FailureNotice failure={failure} retry={reload} /> : <Loading what="the company" />}
      </main>
    );
  }
  const { company, access } = everything;
  return (
    <main id="main" className="page company-page">
      <title>{`API access · ${company.name}`}</title>
      <div className="page-head">
        <p className="crumbs small">
          <a href="/c">Companies</a>
        </p>
        <h1>
          <UserText text={company.name} />
        </h1>
        <p className="muted">
          API access · <Signed me={access.me} />
        </p>
        <nav className="page-nav" aria-label="On this page">
          <a href="#credentials">Credentials</a>
          <a href="#tokens">Tokens</a>
          <a href="#usage">Use</a>
          <a href="#limits">Limits</a>
          <a href="#audit">Audit trail</a>
        </nav>
      </div>
      {failure ? <FailureNotice failure={failure} retry={reload} /> : null}
      <Credentials csrf={csrf} company={company} access={access} onChange={reload} />
      <Tokens csrf={csrf} company={company} access={access} onChange={reload} />
      <Usage days={everything.usage.days} credentials={access.clientCredentials} />
      <LimitsCard limits={everything.limits} credentials={access.clientCredentials} />
      <AuditTrail csrf={csrf} slug={slug} access={access} onSessionEnd={onSessionEnd} version={reads} />
    </main>
  );
}

function Signed({ me }: { me: Access["me"] }) {
  const name = `${me.firstName} ${me.lastName}`.trim();
  return (
    <>
      logged in as <UserText text={name === "" ? me.email : name} />
      {me.isStaff ? (
        <>
          {" "}
          <span className="badge">Staff</span>
        </>
      ) : null}
    </>
  );
}

function NotFound() {
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

import type { ReactNode } from "react";

import { AuditTrail } from "./audit";
import type { CompanyProps } from "./company_props";
import { CompanyTokens } from "./company_tokens";
import { Credentials } from "./credentials";
import { Files } from "./files";
import { LimitsCard } from "./limits";
import { Tokens } from "./tokens";
import { Usage } from "./usage";

interface Tab {
  name: string; // in the address
  title: string;
  content: (parts: CompanyProps) => ReactNode;
}

// The tabs of a company's page in their order; the first is shown at its shortest address. A new
// part of the page is a line here.
export const tabs: Tab[] = [
  {
    name: "api-tokens",
    title: "Credentials",
    content: (parts) => <Credentials {...parts} />,
  },
  {
    name: "tokens",
    title: "Tokens",
    content: (parts) => (
      <>
        <Tokens {...parts} company={parts.view.company} />
        <CompanyTokens {...parts} />
      </>
    ),
  },
  {
    name: "files",
    title: "Files",
    content: ({ csrf, view, onSessionEnd }) => (
      <Files csrf={csrf} company={view.company} onSessionEnd={onSessionEnd} />
    ),
  },
  {
    name: "use",
    title: "Use",
    content: ({ view, access }) => (
      <Usage company={view.company} usage={view.usage} credentials={access.clientCredentials} />
    ),
  },
  {
    name: "limits",
    title: "Limits",
    content: ({ view, access }) => (
      <LimitsCard limits={view.limits} credentials={access.clientCredentials} />
    ),
  },
  {
    name: "audit",
    title: "Audit trail",
    content: ({ csrf, view, onSessionEnd }) => (
      <AuditTrail csrf={csrf} slug={view.company.slug} onSessionEnd={onSessionEnd} />
    ),
  },
];

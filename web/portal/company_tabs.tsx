import type { ReactNode } from "react";

import type { User } from "../common/account";
import { AuditTrail } from "./audit";
import { CompanyTokens } from "./company_tokens";
import { Credentials } from "./credentials";
import { Files } from "./files";
import { LimitsCard } from "./limits";
import type { Access } from "./operations";
import { Tokens } from "./tokens";
import type { CompanyView } from "./types";
import { Usage } from "./usage";

// What every part of a company's page is made from.
export interface Parts {
  csrf: string;
  me: User | null; // null until it is known
  view: CompanyView;
  access: Access;
  // Reads the company again after a change.
  onChange: () => void;
  onSessionEnd: () => void;
}

interface Tab {
  name: string; // in the address
  title: string;
  content: (parts: Parts) => ReactNode;
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
    content: ({ view, onSessionEnd }) => (
      <Files company={view.company} onSessionEnd={onSessionEnd} />
    ),
  },
  {
    name: "use",
    title: "Use",
    content: ({ view, access }) => (
      <Usage usage={view.usage} credentials={access.clientCredentials} />
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

import type { Company } from "../common/account";

export type { Company };

export interface Credential {
  id: string;
  clientId: string;
  redactedSecret: string;
  description: string;
  companyIds: string[];
  createdAt: string;
  lastUsedAt: string | null;
  previousSecretExpiresAt: string | null;
  revokedAt: string | null;
}

export interface Token {
  id: string;
  redactedToken: string;
  description: string;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
  scopes: { scopeKey: string }[];
}

// A live token that reads the company, whoever made it.
export interface CompanyToken {
  id: string;
  redactedToken: string;
  description: string;
  createdBy: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

// What a credential and its tokens are held to; empty: no restriction.
export interface Restrictions {
  networks: string[];
  endpoints: string[];
}

export interface UseDay {
  day: string;
  answered: number;
  refused: number;
}

// Requests of a credential, or of a token that a person made, to one endpoint.
export interface SourceUse {
  kind: "credential" | "token";
  id: string;
  name: string;
  endpoint: string;
  answered: number;
  refused: number;
}

export interface Use {
  days: UseDay[];
  sources: SourceUse[];
}

export interface Limits {
  windowSeconds: number;
  requests: number; // 0: none
  ofCompany: boolean;
  companyRequests: number; // of all credentials and tokens together; 0: none
  credentials: { id: string; requests: number }[];
}

// GET /portal/api/companies/SLUG
export interface CompanyView {
  company: Company;
  usage: Use;
  limits: Limits;
  dataEndpoints: string[];
  restrictions: ({ id: string } & Restrictions)[];
}

export interface AuditRow {
  number: number;
  at: string;
  actor: string;
  address: string;
  action: string;
  actionText: string; // in words
  target: string;
  targetName: string;
  detail: string;
  refused: boolean;
  // Alike attempts that were refused are one row.
  attempts: number;
  lastAt: string | null;
}

// A table of GET /data/v1/tables.
export interface DataTable {
  name: string;
  rows: number;
  href: string; // the path of its files, without their endings
  formats: string[];
}

export interface Company {
  id: string;
  slug: string;
  name: string;
}

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

export interface User {
  email: string;
  firstName: string;
  lastName: string;
  isStaff: boolean;
  adminOf: Company[];
}

export interface UseDay {
  day: string;
  answered: number;
  refused: number;
}

export interface Limits {
  windowSeconds: number;
  requests: number; // 0: none
  ofCompany: boolean;
  credentials: { id: string; requests: number }[];
}

// GET /portal/api/companies/SLUG
export interface CompanyView {
  company: Company;
  usage: { days: UseDay[] };
  limits: Limits;
}

export interface AuditRow {
  number: number;
  at: string;
  actor: string;
  address: string;
  action: string;
  target: string;
  detail: string;
  refused: boolean;
  // Alike attempts that were refused are one row.
  attempts: number;
  lastAt: string | null;
}
